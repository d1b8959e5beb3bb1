-- What was done is listed with its outcome and price, and can be looked at, tried again one tier up, and taken back.
return function(t)
  local function shown(topic, act)
    act()
    t.wait(topic, function()
      return vim.endswith(vim.api.nvim_buf_get_name(0), 'tierwise://' .. topic)
    end)
    return t.text()
  end
  local function press(keys)
    vim.api.nvim_feedkeys(keys, 'xt', false)
  end

  t.open('unitkit/dates.py')
  local source = vim.api.nvim_get_current_buf()
  local before = t.text()
  t.matches(shown('history', function()
    vim.cmd('Tierwise history')
  end), '^nothing was done yet')
  press('q')
  vim.cmd('Tierwise again')
  t.equal(t.outcome().status, 'refused')
  t.one_of(t.messages, 'nothing has been done in this session yet')
  t.cursor('def quarter_of')
  vim.cmd('Tierwise document')
  t.equal(t.outcome().status, 'applied')
  local after = t.text()

  local listed = shown('history', function()
    vim.cmd('Tierwise history')
  end)
  t.matches(listed, '%d%d:%d%d · Document quarter_of · applied · bulk medium · [%d.]+ ¢\n')
  press('2Gs')
  t.matches(t.text() ~= '' and shown('sent', function() end), 'quarter_of')
  press('q')
  press('d')
  t.wait('the diff', function()
    return vim.wo.diff
  end)
  local windows = vim.api.nvim_tabpage_list_wins(0)
  t.equal(#windows, 2)
  t.equal(t.text(), before)
  vim.api.nvim_set_current_win(windows[2])
  t.equal(t.text(), after)
  vim.cmd.tabclose()

  -- Taken back, tried again one tier up, and taken back once more.
  local function says(text)
    t.wait('the text', function()
      return table.concat(vim.api.nvim_buf_get_lines(source, 0, -1, false), '\n') .. '\n' == text
    end)
  end
  local n_taken_back = 0
  local function taken_back()
    n_taken_back = n_taken_back + 1
    says(before)
    -- The answer comes after the edit.
    t.wait('the answer', function()
      return n_taken_back == #vim.tbl_filter(function(words)
        return words:find('was taken back') ~= nil
      end, t.messages)
    end)
  end
  press('u')
  taken_back()
  press('a')
  local outcome = t.outcome()
  t.equal({ outcome.status, outcome.tier }, { 'applied', 'top' }, vim.inspect(outcome))
  says(after)
  press('q')
  vim.cmd.buffer(source)
  t.matches(shown('why', function()
    vim.cmd('Tierwise why')
  end), 'top · large')
  press('q')
  vim.cmd('Tierwise undo')
  taken_back()
  vim.cmd('Tierwise again best')
  t.one_of(t.messages, 'there is no tier "best"')
  vim.cmd('Tierwise undo')
  t.wait('a sentence', function()
    return vim.iter(t.messages):any(function(words)
      return words:find('nothing of that action is in the editor') ~= nil
    end)
  end)
end
