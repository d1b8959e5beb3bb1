-- A new file: a buffer first, on disk with :wall, byte for byte what the model wrote.
return function(t)
  t.open('unitkit/dates.py')
  local source = t.text()
  t.cursor('def parse_date')
  t.choose('Write tests for parse_date')
  t.equal(t.outcome().status, 'applied')
  t.equal(t.text(), source, 'the tested file stays as it is')
  local path = t.project .. '/tests/test_dates.py'
  t.one_of(t.messages, 'tests/test_dates.py, :wall writes it')
  -- Neovim makes the file at once and leaves it empty.
  t.equal(vim.fn.getfsize(path) <= 0, true, 'nothing is written before the user writes')
  vim.cmd('silent wall')
  t.equal(vim.fn.getfsize(path) > 0, true, 'the file is on disk')
end
