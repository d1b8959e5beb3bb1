-- A key the provider does not take.
return function(t)
  t.open('unitkit/dates.py')
  local before = t.text()
  t.cursor('def quarter_of')
  vim.cmd('Tierwise document bulk')
  t.equal(t.outcome().status, 'refused')
  t.matches(t.one_of(t.messages, 'FAR_KEY'), 'key')
  t.equal(t.text(), before)
end
