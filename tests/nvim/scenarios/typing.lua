-- The user types while the model writes: elsewhere both changes are kept, in the same lines the proposal is shown.
return function(t)
  --- Type as soon as a model is asked: its edit stands behind that report in the stream, so it always comes later.
  local function typing_once_asked(command, type)
    vim.api.nvim_create_autocmd('LspProgress', {
      pattern = 'report',
      once = true,
      callback = type,
    })
    vim.cmd(command)
  end

  t.open('unitkit/dates.py')
  t.cursor('def quarter_of')
  typing_once_asked('Tierwise document', function()
    vim.api.nvim_buf_set_lines(0, 0, 1, false, { '"""Dates, and more."""' })
  end)
  t.equal(t.outcome().status, 'applied')
  t.equal(t.lines()[1], '"""Dates, and more."""')
  t.matches(t.text(), 'The year and quarter, 1 to 4')
  t.undo()
  t.equal(t.lines()[1], '"""Dates, and more."""', 'undo takes back the edit alone')

  -- The same lines.
  t.open('unitkit/temperatures.py')
  local source = vim.api.nvim_get_current_buf()
  t.cursor('def convert_temperature')
  local mine
  typing_once_asked('Tierwise refactor', function()
    t.cursor('    result = None')
    vim.api.nvim_set_current_line('    result = None  # mine')
    mine = t.text()
  end)
  local outcome = t.outcome()
  t.equal(outcome.status, 'proposed', vim.inspect(outcome))
  t.equal(#vim.api.nvim_list_tabpages(), 2, 'a tab shows the proposal')
  t.one_of(t.messages, 'was not applied')
  local windows = vim.api.nvim_tabpage_list_wins(0)
  t.equal(#windows, 2)
  t.equal(vim.wo[windows[1]].diff and vim.wo[windows[2]].diff, true)
  local function says()
    return table.concat(vim.api.nvim_buf_get_lines(source, 0, -1, false), '\n') .. '\n'
  end
  t.equal(says(), mine, 'the text of the user is untouched')
  t.equal(t.text(), mine, 'the left side is what it says now')

  -- What was typed in the same lines since it is shown is not lost either: it is shown anew.
  local row = vim.api.nvim_buf_call(source, function()
    return vim.fn.search('result = None  # mine', 'nw')
  end)
  vim.api.nvim_buf_set_lines(source, row - 1, row, false, { '    result = None  # mine too' })
  mine = says()
  vim.cmd('Tierwise accept')
  t.equal(t.outcome().status, 'proposed')
  t.equal(says(), mine)
  t.equal(t.text(), mine)
  vim.cmd('Tierwise accept')
  t.equal(t.outcome().status, 'applied')
  t.equal(#vim.api.nvim_list_tabpages(), 1)
  t.equal(vim.api.nvim_get_current_buf(), source)
  t.matches(t.text(), 'for scale in %(source, target%):')
  t.undo()
  t.equal(t.text(), mine, 'one undo brings the text of the user back')
end
