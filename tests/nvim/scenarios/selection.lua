-- What the command is about: the cursor, lines, or a selection of characters, in the units the server asked for.
return function(t)
  t.open('unitkit/dates.py')
  t.equal(t.client.offset_encoding, 'utf-16')
  local sent
  local request = t.client.rpc.request
  t.client.rpc.request = function(method, params, ...)
    if method == 'workspace/executeCommand' then
      sent = params.arguments[1]
      return true, 1000000
    end
    return request(method, params, ...)
  end
  local function range_of(command)
    vim.cmd(command)
    return { sent.range.start.line, sent.range.start.character, sent.range['end'].line, sent.range['end'].character }
  end

  vim.api.nvim_buf_set_lines(0, 0, 2, false, { 'a = "🐍é" + b', 'c = 1' })
  vim.api.nvim_win_set_cursor(0, { 1, 12 })
  t.equal(range_of('Tierwise refactor'), { 0, 9, 0, 9 })
  t.equal(sent.version, vim.lsp.util.buf_versions[vim.api.nvim_get_current_buf()])
  t.equal(range_of('1,2Tierwise refactor'), { 0, 0, 1, 5 })
  vim.cmd('normal! 1G0f"vf"f"')
  vim.cmd('normal! \27')
  t.equal(range_of("'<,'>Tierwise refactor"), { 0, 4, 0, 9 })
  vim.cmd('normal! 1GVj\27')
  t.equal(range_of("'<,'>Tierwise refactor"), { 0, 0, 1, 5 })

  local namespace = vim.api.nvim_create_namespace('linter')
  vim.diagnostic.set(namespace, 0, {
    { lnum = 0, col = 14, end_lnum = 0, end_col = 15, severity = 2, message = 'second', code = 7 },
    { lnum = 0, col = 0, end_lnum = 0, end_col = 1, severity = 1, message = 'first', source = 'x' },
    { lnum = 1, col = 0, end_lnum = 1, end_col = 99, severity = 1, message = 'elsewhere' },
  })
  local found = require('tierwise.diagnostics').between(0, 0, 0, 'utf-16')
  t.equal(#found, 2)
  t.equal({ found[1].message, found[2].message, found[2].code }, { 'first', 'second', '7' })
  t.equal(found[2].range, { start = { line = 0, character = 11 }, ['end'] = { line = 0, character = 12 } })
  t.equal(range_of('2Tierwise fix'), { 1, 0, 1, 5 })
end
