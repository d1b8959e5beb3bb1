-- Line breaks of CR LF and a last line without one survive an edit, and undo restores the file byte for byte.
return function(t)
  local path = t.project .. '/unitkit/dos.py'
  local function bytes()
    local file = assert(io.open(path, 'rb'))
    local found = file:read('*a')
    file:close()
    return found
  end
  local before = bytes()
  -- Neovim itself would end the last line when it writes.
  vim.o.fixendofline = false
  t.open('unitkit/dos.py')
  t.equal({ vim.bo.fileformat, vim.bo.endofline }, { 'dos', false })
  t.cursor('def quarter_of')
  vim.cmd('Tierwise document')
  t.equal(t.outcome().status, 'applied')
  vim.cmd('silent write')
  local after = bytes()
  t.equal(after ~= before, true)
  t.equal(after:gsub('\r\n', ''):find('\n'), nil, 'every line ends as before')
  t.equal(after:sub(-1) ~= '\n', true)
  t.undo()
  vim.cmd('silent write')
  t.equal(bytes(), before)

  -- The same through the preview, one hunk of one.
  t.cursor('def quarter_of')
  vim.cmd('Tierwise! document')
  t.equal(t.outcome().status, 'proposed')
  vim.cmd('normal! gg]cdo')
  vim.cmd.write()
  t.equal(t.outcome().status, 'applied')
  vim.cmd('silent write')
  t.equal(bytes(), after)
  t.undo()
  vim.cmd('silent write')
  t.equal(bytes(), before)
end
