-- A program of the project is run only once the user trusts the folder.
return function(t)
  if t.arguments.is_trusted then
    vim.g.tierwise_trusted_roots = { t.project }
  end
  t.open('unitkit/sizes.py')
  vim.cmd('Tierwise format')
  t.equal(t.outcome().status, 'applied')
  local marker = t.project .. '/ran'
  t.equal(vim.uv.fs_stat(marker) ~= nil, t.arguments.is_trusted == true)
end
