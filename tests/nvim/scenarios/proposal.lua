-- Proposals as the server sends them: hunks, new files, deleted files, refusal.
return function(t)
  local proposal = require('tierwise.proposal')
  t.open('unitkit/summary.py')
  local source = vim.api.nvim_get_current_buf()
  local before = t.text()
  local after = before:gsub('A few numbers', 'Some numbers'):gsub('for none', 'for nothing')
  local uri = vim.uri_from_bufnr(0)
  local function propose(files)
    proposal.show({ title = 'Refactor', reason = 'the same lines changed', files = files })
  end

  -- One hunk of two, with Neovim's own command.
  propose({ { uri = uri, before = before, after = after } })
  t.equal(vim.api.nvim_get_current_buf(), source)
  vim.api.nvim_win_set_cursor(0, { 1, 0 })
  vim.cmd.diffget()
  t.matches(t.text(), '"""Some numbers')
  t.matches(t.text(), '1 for none%.')
  vim.cmd('Tierwise discard')
  t.equal(#vim.api.nvim_list_tabpages(), 1)
  t.equal(proposal.current(), nil)
  t.matches(t.text(), '"""Some numbers')
  t.undo()
  t.equal(t.text(), before)
  t.equal(vim.wo.diff, false)

  -- Everything, without a question, as nothing has changed since.
  propose({ { uri = uri, before = before, after = after } })
  vim.cmd('Tierwise accept')
  t.equal(t.text(), after)
  t.undo()
  t.equal(t.text(), before)

  -- A new file and a deleted one; closing the tab by hand is a refusal too.
  local new = vim.uri_from_fname(t.project .. '/unitkit/new.py')
  propose({
    { uri = new, before = vim.NIL, after = 'X = 1\n' },
    { uri = uri, before = before, after = vim.NIL },
  })
  t.equal(#vim.api.nvim_list_tabpages(), 3)
  vim.cmd.tabclose()
  vim.cmd('tabnext 2')
  t.equal(vim.uri_from_bufnr(0), new)
  vim.cmd('Tierwise accept')
  vim.cmd('silent wall')
  t.equal(vim.fn.readblob(t.project .. '/unitkit/new.py'), 'X = 1\n')
  t.equal(vim.uv.fs_stat(t.project .. '/unitkit/summary.py') ~= nil, true)
  t.equal(#vim.api.nvim_list_tabpages(), 1)
  vim.cmd('Tierwise accept')
  t.one_of(t.messages, 'no proposal is shown in this tab')
end
