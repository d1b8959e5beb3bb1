-- Files that nobody asked for: one that moves goes and comes together, a new one is refused, all of it is refused.
return function(t)
  local review = require('tierwise.review')
  t.open('unitkit/spare.py')
  local function shown()
    vim.cmd('Tierwise across give the spare file a better name')
    local outcome = t.outcome()
    t.equal({ outcome.status, outcome.code }, { 'proposed', 'needs-consent' }, vim.inspect(outcome))
    t.equal(#vim.api.nvim_list_tabpages(), 4)
  end
  local function to(name)
    for _, tab in ipairs(vim.api.nvim_list_tabpages()) do
      vim.api.nvim_set_current_tabpage(tab)
      local file = review.current()
      if file and vim.endswith(file.uri, name) then
        return file
      end
    end
    t.fail('no tab shows ' .. name)
  end
  local function exists(name)
    return vim.uv.fs_stat(t.project .. '/unitkit/' .. name) ~= nil
  end

  shown()
  t.one_of(t.messages, "moves 'spare.py' to 'kept.py'.*, which nobody asked for")
  vim.cmd('Tierwise! discard')
  t.equal(t.outcome().status, 'discarded')
  t.equal({ #vim.api.nvim_list_tabpages(), exists('spare.py'), exists('kept.py') }, { 1, true, false })

  -- One that comes while another is looked at waits in tabs of its own: a :write was not meant for it.
  shown()
  local here = vim.api.nvim_get_current_tabpage()
  local _, first = review.current()
  review.receive(first.proposal, first.client_id)
  t.equal({ #vim.api.nvim_list_tabpages(), vim.api.nvim_get_current_tabpage() }, { 7, here })
  vim.cmd('Tierwise! discard')
  t.equal(t.outcome().status, 'discarded')
  to('kept.py')
  vim.cmd('Tierwise! discard')
  t.equal(t.outcome().status, 'discarded')
  t.equal(#vim.api.nvim_list_tabpages(), 1)

  -- Another answer takes its place.
  shown()
  local _, answered = review.current()
  review.close(answered.proposal.id, answered.client_id)
  t.wait('the tabs of an answered proposal to go', function()
    return #vim.api.nvim_list_tabpages() == 1
  end)
  t.equal(review.discard_all(), false)

  shown()
  local gone = to('spare.py')
  t.equal({ gone.after, gone.partner ~= nil }, { nil, true })
  t.equal(to('words.py').before, nil)
  vim.cmd.tabclose()
  to('kept.py')
  vim.cmd('Tierwise accept')
  local outcome = t.outcome()
  t.equal(outcome.status, 'applied', vim.inspect(outcome))
  t.matches(outcome.message, '2 of 3 files')
  vim.cmd('silent wall')
  t.equal({ exists('spare.py'), exists('kept.py'), exists('words.py') }, { false, true, false })
  t.equal(vim.fn.readblob(t.project .. '/unitkit/kept.py'), t.arguments.text)
  t.equal(#vim.api.nvim_list_tabpages(), 1)
  vim.cmd('Tierwise accept')
  t.one_of(t.messages, 'no proposal is shown in this tab')
end
