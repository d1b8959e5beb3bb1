-- An entry that needs an instruction asks for it in the editor's own input.
return function(t)
  local prompts, answers = {}, { '', 'show as many units as the caller wants' }
  vim.ui.input = function(options, answer)
    table.insert(prompts, options.prompt)
    answer(table.remove(answers, 1))
  end
  t.open('unitkit/durations.py')
  local before = t.text()
  t.cursor('def format_duration')
  t.choose('Do…')
  t.wait('the question', function()
    return #prompts == 1
  end)
  t.choose('Do…')
  t.equal(t.outcome().status, 'applied')
  t.equal(#t.outcomes, 1, 'an empty instruction starts nothing')
  t.equal(prompts, { 'Tierwise, do: ', 'Tierwise, do: ' })
  t.matches(t.text(), 'n_units: int = 2')
  t.undo()
  t.equal(t.text(), before)
end
