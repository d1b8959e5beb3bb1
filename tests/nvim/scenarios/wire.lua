-- An answer that stalls is ended by the user: the text stays, and nothing runs any more.
return function(t)
  t.open('unitkit/dates.py')
  local before = t.text()
  t.begin('quarter_of', 'document')
  t.reported('tokens so far')
  vim.cmd('Tierwise cancel')
  t.equal(t.outcome().status, 'cancelled')
  t.equal(vim.bo.modified, false)
  t.at_rest(before)
end
