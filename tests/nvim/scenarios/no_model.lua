-- Every tier is switched off.
return function(t)
  t.open('unitkit/dates.py')
  local before = t.text()
  t.cursor('def quarter_of')
  vim.cmd('Tierwise document')
  t.equal(t.outcome().status, 'refused')
  t.one_of(t.messages, 'tier')
  t.equal(t.text(), before)
  vim.cmd('checkhealth tierwise')
  t.matches(t.text(), 'WARNING the bulk tier is not ready')
end
