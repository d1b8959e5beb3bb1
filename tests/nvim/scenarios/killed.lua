-- A server that dies is said to have died, and started again for its buffers, later each time.
return function(t)
  local config = vim.lsp.config.tierwise
  local noted = t.project .. '/pid'
  local start = { 'sh', '-c', 'echo $$ >"$0"; exec "$@"', noted }
  vim.lsp.config('tierwise', { cmd = vim.list_extend(start, config.cmd) })

  --- Kill the server as the system would, and wait for the one that follows it.
  local function kill()
    local first = t.client.id
    local pid = tonumber(vim.fn.readfile(noted)[1])
    vim.uv.kill(pid, 'sigkill')
    t.wait('the end of the server', function()
      return vim.lsp.get_client_by_id(first) == nil
    end)
    return first
  end
  local function revived(first)
    t.wait('the next server', function()
      t.client = vim.lsp.get_clients({ bufnr = 0, name = 'tierwise' })[1]
      return t.client ~= nil and t.client.id ~= first and t.client.initialized == true
    end)
  end

  t.open('unitkit/temperatures.py')
  local before = t.text()
  t.begin('convert_temperature', 'refactor')
  local first = kill()
  revived(first)
  t.one_of(t.messages, "the server ended with signal 9 while it was at refactor; .*':Tierwise restore'.* in 1 s$")
  t.at_rest(before)
  t.equal(require('tierwise').statusline():find('medium'), nil, 'nothing runs any more')

  -- What the user asks next is done.
  vim.cmd.edit(t.project .. '/unitkit/dates.py')
  t.cursor('def quarter_of')
  t.wait('the server', function()
    return #vim.lsp.get_clients({ bufnr = 0, name = 'tierwise' }) == 1
  end)
  vim.cmd('Tierwise document')
  t.equal(t.outcome().status, 'applied')

  first = kill()
  t.one_of(t.messages, 'the server ended with signal 9; it is started again in 4 s$')
  -- Nobody has to wait for it.
  vim.cmd('Tierwise restart')
  revived(first)

  -- While a change is looked at: it stays on the screen, and what cannot be done is said.
  vim.cmd('silent undo')
  t.cursor('def quarter_of')
  vim.cmd('Tierwise! document')
  local review = require('tierwise.review')
  t.wait('the review', function()
    return review.current() ~= nil
  end)
  first = kill()
  t.one_of(t.messages, 'ended before the change was accepted, so nothing of it was applied')
  vim.cmd('Tierwise accept')
  t.one_of(t.messages, 'can no longer be applied')
  vim.cmd('Tierwise discard')
  t.wait('the tab to close', function()
    return #vim.api.nvim_list_tabpages() == 1
  end)
  revived(first)
end
