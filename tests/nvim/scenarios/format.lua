-- The project's own formatter, without a model, as one undo step.
return function(t)
  t.open('unitkit/sizes.py')
  local before = t.text()
  vim.cmd('Tierwise format')
  local outcome = t.outcome()
  t.equal(outcome.status, 'applied')
  t.equal(outcome.tier, 'native')
  t.equal(outcome.costPicoUsd, 0)
  local after = t.text()
  t.undo()
  t.equal(t.text(), before, 'one undo restores the text')
  t.redo()
  t.equal(t.text(), after)
  vim.cmd('silent write')

  -- Lines alone: nothing outside them changes.
  t.undo()
  local last = vim.fn.search('^def format_size') - 1
  vim.cmd(('1,%dTierwise format'):format(last))
  t.equal(t.outcome().status, 'applied')
  local lines = t.lines()
  t.one_of(lines, '^def parse_size%(text: str%) %-> int:$')
  t.one_of(lines, '^def format_size%( size:int,%*,binary:bool=False %)%->str :$')
  vim.cmd('silent edit!')
end
