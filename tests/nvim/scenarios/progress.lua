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
end
