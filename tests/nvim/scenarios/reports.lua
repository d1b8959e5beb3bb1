-- What `:Tierwise why` and `:Tierwise stats` print.
return function(t)
  local function report(command)
    vim.cmd(command)
    t.wait(command, function()
      return vim.bo.filetype == 'tierwise'
    end)
    local text = t.text()
    vim.api.nvim_feedkeys('q', 'xt', false)
    t.equal(vim.bo.filetype, 'python', 'q closes the window')
    return text
  end

  t.open('unitkit/dates.py')
  t.matches(report('Tierwise status'), 'bulk: medium, ready')
  t.matches(report('Tierwise why'), 'no action has been run')
  t.cursor('def quarter_of')
  vim.cmd('Tierwise document')
  t.outcome()
  local why = report('Tierwise why')
  t.matches(why, 'bulk · medium %(scripted%) · accepted · %d+ %+ %d+ tokens · [%d.]+ ¢')
  t.matches(why, 'Why:\n  standard work starts on the bulk tier')
  local stats = report('Tierwise stats')
  t.matches(stats, 'bulk +1 +100 %% +[%d.]+ ¢')
  t.matches(report('Tierwise stats 24h'), '^since 20')
  local doctor = report('Tierwise doctor')
  t.matches(doctor, 'bulk: ready\n  scripted/medium · ready')
  vim.cmd('Tierwise reload')
  t.wait('the configuration', function()
    return t.messages[#t.messages] == 'Tierwise: the configuration was read again'
  end)
end
