-- Several files are shown before they are applied: all accepted, one of two, one hunk, none; typed meanwhile; undone.
return function(t)
  local review = require('tierwise.review')
  local summary, report = t.project .. '/unitkit/summary.py', t.project .. '/unitkit/report.py'
  local before = {}

  --- Start the action and wait until both files are shown.
  local function ask()
    vim.cmd.edit(summary)
    t.cursor('def spread')
    vim.cmd('Tierwise across make the result a named tuple')
    t.equal(t.outcome().status, 'proposed')
    t.equal(#vim.api.nvim_list_tabpages(), 3)
    t.equal(review.current() ~= nil, true)
  end
  --- What the user is asked, and what they say to it.
  local questions, reply = {}, 1
  vim.fn.confirm = function(question)
    table.insert(questions, question)
    return reply
  end
  local function of(path)
    return table.concat(vim.api.nvim_buf_get_lines(vim.fn.bufnr(path), 0, -1, false), '\n')
  end
  --- Go to the tab that shows a file.
  local function to(path)
    for _, tab in ipairs(vim.api.nvim_list_tabpages()) do
      vim.api.nvim_set_current_tabpage(tab)
      local shown = review.current()
      if shown and vim.uri_to_fname(shown.uri) == path then
        return
      end
    end
    t.fail('no tab shows ' .. path)
  end
  local function undone(path)
    vim.cmd.buffer(path)
    t.undo()
    t.equal(of(path), before[path], 'undo restores ' .. path)
    t.equal(vim.bo.modified, false)
  end

  t.open('unitkit/report.py')
  vim.cmd.edit(summary)
  before[summary], before[report] = of(summary), of(report)

  -- Everything, with one command.
  ask()
  t.one_of(t.messages, 'it changes 2 files, choose what to apply; accept with :write')
  t.equal(of(summary), before[summary], 'nothing is applied before it is accepted')
  local windows = vim.api.nvim_tabpage_list_wins(0)
  t.equal(vim.wo[windows[1]].diff and vim.wo[windows[2]].diff, true)
  t.matches(vim.wo[windows[1]].winbar, 'of 2%): do takes a hunk')
  vim.cmd('Tierwise! accept')
  local outcome = t.outcome()
  t.equal(outcome.status, 'applied', vim.inspect(outcome))
  t.equal(#vim.api.nvim_list_tabpages(), 1)
  t.matches(of(summary), 'class Spread%(NamedTuple%):')
  t.matches(of(report), 'found.smallest')
  local after = of(summary)
  undone(summary)
  undone(report)

  -- A hunk that does not stand by itself: the user is asked, goes back, and finds what they had chosen.
  ask()
  to(report)
  vim.cmd.quit()
  to(summary)
  vim.cmd('normal! G[cdo')
  t.matches(t.text(), 'return Spread')
  t.equal(t.text():find('class Spread'), nil)
  reply = 2
  vim.cmd.write()
  t.wait('the question', function()
    return questions[1] ~= nil
  end)
  t.matches(questions[1], "does not stand by itself: 'summary.py': .*undefined name 'Spread'")
  t.wait('the proposal to come back', function()
    return #vim.api.nvim_list_tabpages() == 3
  end)
  t.equal(of(summary), before[summary])
  -- One file accepted by writing it, the other refused by leaving it.
  to(report)
  vim.cmd.quit()
  to(summary)
  t.matches(t.text(), 'return Spread')
  vim.cmd('%diffget')
  vim.cmd.write()
  outcome = t.outcome()
  t.equal(outcome.status, 'applied', vim.inspect(outcome))
  t.matches(outcome.message, 'applied what was accepted %(1 of 2 files%)$')
  t.equal(of(summary), after)
  t.equal(of(report), before[report])
  undone(summary)

  -- One hunk, while a word is typed elsewhere in the file.
  ask()
  to(report)
  vim.cmd('Tierwise discard')
  t.wait('the tab to close', function()
    return #vim.api.nvim_list_tabpages() == 2
  end)
  to(summary)
  local chosen = vim.api.nvim_win_get_buf(vim.api.nvim_tabpage_list_wins(0)[1])
  vim.api.nvim_set_current_win(vim.api.nvim_tabpage_list_wins(0)[1])
  vim.cmd('normal! gg]cdo')
  t.matches(table.concat(vim.api.nvim_buf_get_lines(chosen, 0, -1, false), '\n'), 'import NamedTuple')
  vim.api.nvim_buf_set_lines(vim.fn.bufnr(summary), 0, 1, false, { '"""Mine."""' })
  vim.cmd.write()
  outcome = t.outcome()
  t.equal(outcome.status, 'applied', vim.inspect(outcome))
  t.matches(outcome.message, '%(1 of 2 files, some hunks left out%)$')
  t.matches(of(summary), '^"""Mine."""')
  t.matches(of(summary), 'import NamedTuple')
  t.equal(of(summary):find('return Spread'), nil)
  vim.cmd.buffer(summary)
  t.undo()
  t.equal(of(summary), (before[summary]:gsub('^[^\n]*', '"""Mine."""')), 'undo leaves what was typed')
  t.undo()
  t.equal(of(summary), before[summary])

  -- The same lines changed meanwhile: nothing is lost, and it is said.
  ask()
  local row = vim.fn.searchpos('return round', 'n')[1]
  vim.api.nvim_buf_call(vim.fn.bufnr(summary), function()
    row = vim.fn.search('return round', 'nw')
  end)
  vim.api.nvim_buf_set_lines(vim.fn.bufnr(summary), row - 1, row, false, { '    return mine' })
  local mine = of(summary)
  vim.cmd('Tierwise! accept')
  outcome = t.outcome()
  t.equal(outcome.status, 'proposed', vim.inspect(outcome))
  t.equal(of(summary), mine)
  t.one_of(t.messages, 'was not applied')
  t.equal(#vim.api.nvim_list_tabpages(), 3, 'it is shown anew')
  vim.cmd('Tierwise! discard')
  t.equal(t.outcome().status, 'discarded')
  vim.cmd.buffer(summary)
  t.undo()

  -- Nothing, by ending it.
  ask()
  vim.cmd('Tierwise cancel')
  outcome = t.outcome()
  t.equal(outcome.status, 'discarded')
  t.matches(outcome.message, 'nothing was changed')
  t.equal(#vim.api.nvim_list_tabpages(), 1)
  t.equal(of(summary), before[summary])
  t.equal(of(report), before[report])

  -- A single file is looked at first where that is asked for; :x takes everything that is proposed.
  vim.cmd.edit(t.project .. '/unitkit/dates.py')
  t.cursor('def quarter_of')
  vim.cmd('Tierwise! document')
  t.equal(t.outcome().status, 'proposed')
  vim.cmd.write()
  t.equal(t.outcome().status, 'applied')
  t.matches(t.text(), 'The year and quarter, 1 to 4')

  -- What works afterwards is looked at on disk.
  ask()
  vim.cmd('Tierwise! accept')
  t.equal(t.outcome().status, 'applied')
  vim.cmd('silent wall')
end
