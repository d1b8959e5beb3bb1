-- Several files in one edit.
return function(t)
  t.open('unitkit/report.py')
  vim.cmd.edit(t.project .. '/unitkit/summary.py')
  t.cursor('def spread')
  vim.cmd('Tierwise across make the result a named tuple')
  local outcome = t.outcome()
  t.equal(outcome.status, 'applied', vim.inspect(outcome))
  t.matches(t.text(), 'class Spread%(NamedTuple%):')
  vim.cmd.buffer(t.project .. '/unitkit/report.py')
  t.matches(t.text(), 'found.smallest')
  vim.cmd('silent wall')
end
