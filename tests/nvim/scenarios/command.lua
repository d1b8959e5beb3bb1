-- The other subcommands, each on its function.
return function(t)
  local function run(file, words, command, pattern)
    t.open(file)
    local before = t.text()
    t.cursor(words)
    vim.cmd(command)
    local outcome = t.outcome()
    t.equal(outcome.status, 'applied', vim.inspect(outcome))
    t.matches(t.text(), pattern)
    t.undo()
    t.equal(t.text(), before, command .. ' is one undo step')
  end

  run('unitkit/temperatures.py', 'def convert_temperature', 'Tierwise refactor', 'for scale in %(source, target%):')
  run('unitkit/summary.py', 'def spread', 'Tierwise hints', 'def spread%(values: Iterable%[float | None%]')
  local instruction = 'Tierwise do take the number of units as a parameter'
  run('unitkit/durations.py', 'def format_duration', instruction, 'n_units: int = 2')
  run('web/countdown.js', 'export function remaining', 'Tierwise document', '@param {number} seconds')

  -- A tier of the user's choice, for one command and for all.
  t.open('unitkit/dates.py')
  t.cursor('def quarter_of')
  vim.cmd('Tierwise document top')
  t.equal(t.outcome().tier, 'top')
  t.undo()
  vim.cmd('Tierwise tier local')
  vim.cmd('Tierwise document')
  t.equal(t.outcome().tier, 'local')
  vim.cmd('Tierwise tier auto')
  t.one_of(t.messages, 'bulk: medium, ')

  t.equal(vim.fn.getcompletion('Tierwise ref', 'cmdline'), { 'refactor' })
  t.equal(vim.fn.getcompletion('Tierwise tests ', 'cmdline'), { 'auto', 'bulk', 'local', 'top' })
  t.equal(vim.fn.getcompletion('Tierwise stats 7', 'cmdline'), { '7d' })
  t.one_of(vim.fn.getcompletion('Tierwise ', 'cmdline'), '^do$')
  vim.cmd('Tierwise nonsense')
  t.one_of(t.messages, 'there is no "nonsense", there are accept, across')
  vim.cmd('Tierwise tests best')
  t.one_of(t.messages, 'there is no tier "best"')
end
