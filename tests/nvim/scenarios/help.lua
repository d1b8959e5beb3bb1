-- The help file's tags can be built, and the health check runs.
return function(t)
  local folder = vim.api.nvim_get_runtime_file('doc/tierwise.txt', false)[1]
  local copy = t.project .. '/doc'
  vim.fn.mkdir(copy, 'p')
  vim.fn.writefile(vim.fn.readfile(folder), copy .. '/tierwise.txt')
  vim.cmd.helptags(copy)
  local tags = table.concat(vim.fn.readfile(copy .. '/tags'), '\n')
  for _, tag in ipairs({ 'tierwise', ':Tierwise', ':Tierwise-why', 'g:tierwise_trusted_roots', 'tierwise-trust' }) do
    t.matches(tags, vim.pesc(tag) .. '\t')
  end

  t.open('unitkit/dates.py')
  vim.cmd('checkhealth tierwise')
  local text = t.text()
  t.matches(text, 'OK Neovim')
  t.matches(text, 'OK the server is ')
  t.matches(text, 'OK running for .*not trusted here')
  t.matches(text, 'OK the bulk tier is ready')
  t.equal(text:find('ERROR'), nil, text)
end
