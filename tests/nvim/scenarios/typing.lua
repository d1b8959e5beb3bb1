-- The user types while the model writes: elsewhere both changes are kept, in the same lines the proposal is shown.
return function(t)
  local function once_asked(command)
    t.progress = {}
    vim.cmd(command)
    t.wait('the call', function()
      return vim.iter(t.progress):any(function(words)
        return words:find('^report: ') ~= nil
      end)
    end)
  end

  t.open('unitkit/dates.py')
  t.cursor('def quarter_of')
  once_asked('Tierwise document')
  vim.api.nvim_buf_set_lines(0, 0, 1, false, { '"""Dates, and more."""' })
  t.equal(t.outcome().status, 'applied')
  t.equal(t.lines()[1], '"""Dates, and more."""')
  t.matches(t.text(), 'The year and quarter, 1 to 4')
  t.undo()
  t.equal(t.lines()[1], '"""Dates, and more."""', 'undo takes back the edit alone')

  -- The same lines.
  t.open('unitkit/temperatures.py')
  local source = vim.api.nvim_get_current_buf()
  t.cursor('def convert_temperature')
  once_asked('Tierwise refactor')
  t.cursor('    result = None')
  vim.api.nvim_set_current_line('    result = None  # mine')
  local mine = t.text()
  local outcome = t.outcome()
  t.equal(outcome.status, 'proposed', vim.inspect(outcome))
  t.equal(#vim.api.nvim_list_tabpages(), 2, 'a tab shows the proposal')
  t.one_of(t.messages, 'was not applied')
  local windows = vim.api.nvim_tabpage_list_wins(0)
  t.equal(#windows, 2)
  t.equal(vim.api.nvim_get_current_buf(), source)
  t.equal(vim.wo[windows[1]].diff and vim.wo[windows[2]].diff, true)
  t.equal(t.text(), mine, 'the text of the user is untouched')

  -- Taking over everything would lose what the user typed, so it is asked.
  local questions, answer = {}, 2
  vim.fn.confirm = function(question)
    table.insert(questions, question)
    return answer
  end
  vim.cmd('Tierwise accept')
  t.equal(#questions, 1)
  t.equal(t.text(), mine)
  answer = 1
  vim.cmd('Tierwise accept')
  t.equal(#vim.api.nvim_list_tabpages(), 1)
  t.equal(vim.api.nvim_get_current_buf(), source)
  t.matches(t.text(), 'for scale in %(source, target%):')
  t.undo()
  t.equal(t.text(), mine, 'one undo brings the text of the user back')
end
