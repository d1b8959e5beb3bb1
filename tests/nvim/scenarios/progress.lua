-- Progress through the editor's own events, and the status line.
return function(t)
  local statusline = require('tierwise').statusline
  t.equal(statusline(), '', 'nothing where Tierwise does not serve')
  t.open('unitkit/dates.py')
  t.cursor('def quarter_of')
  local seen = {}
  vim.api.nvim_create_autocmd('LspProgress', {
    callback = function()
      table.insert(seen, statusline())
    end,
  })
  t.choose('Document quarter_of')
  t.outcome()
  t.equal(t.progress[1], 'begin: Tierwise: Document quarter_of')
  t.one_of(t.progress, '^report: .*medium')
  t.matches(t.progress[#t.progress], '^end: ')
  t.one_of(seen, '^tierwise .*medium')
  t.wait('the figures', function()
    return statusline():find('^tierwise [%d.]+ ¢ · top %d+ %%%%$') ~= nil
  end)

  -- What the figures say besides: a limit that is reached, and a model that got worse.
  local status = require('tierwise.status')
  local figures = vim.deepcopy(status.figures(t.client.id))
  figures.spentToday, figures.topShare = '$2.10', vim.NIL
  figures.budgets = { day = { isOverSoft = true, words = '$2.10 of $2.00' } }
  figures.tripwire = { state = 'alert', raised = { 'tripwire: it came to disagree' } }
  status.received(figures, t.client.id)
  t.equal(statusline(), 'tierwise $2.10! · a model got worse')
  vim.cmd('Tierwise status')
  t.matches(t.text(), '^spent today: $2.10\n')
  t.matches(t.text(), '\n  bulk: medium, ready · [%d.]+ ¢ in 1 calls\n')
  t.matches(t.text(), '\nday: $2.10 of $2.00\n')
  t.matches(t.text(), '\ntripwire: alert\ntripwire: it came to disagree\n')
  local asked = t.client.rpc.request
  t.client.rpc.request = function(method)
    t.fail('drawing the status line asked ' .. method)
  end
  for _ = 1, 100 do
    statusline()
  end
  t.client.rpc.request = asked
end
