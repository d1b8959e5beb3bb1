-- A problem another tool reported is offered and mended, though Neovim shows a server only its own.
return function(t)
  t.open('unitkit/report.py')
  local before = t.text()
  local namespace = vim.api.nvim_create_namespace('linter')
  t.cursor('import json')
  local row = vim.api.nvim_win_get_cursor(0)[1] - 1
  vim.diagnostic.set(namespace, 0, {
    {
      lnum = row,
      col = 7,
      end_lnum = row,
      end_col = 11,
      severity = vim.diagnostic.severity.WARN,
      message = '`json` imported but unused',
      code = 'F401',
      source = 'Ruff',
    },
  })
  t.cursor('json')
  t.choose('Fix: `json` imported but unused')
  t.equal(t.outcome().status, 'applied')
  t.matches(t.text(), '"""\n\nimport sys\n')
  t.undo()
  t.equal(t.text(), before)
  vim.cmd('Tierwise fix')
  t.equal(t.outcome().status, 'applied')
  t.matches(t.text(), '"""\n\nimport sys\n')
  t.cursor('def main')
  vim.cmd('Tierwise fix')
  t.one_of(t.messages, 'no tool reports a problem here')
end
