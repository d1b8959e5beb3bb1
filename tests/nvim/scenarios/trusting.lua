-- `:Tierwise trust` asks, writes the server's list and starts the server again.
return function(t)
  local answer = 2
  vim.fn.confirm = function()
    return answer
  end
  t.open('unitkit/sizes.py')
  local first = t.client.id
  vim.cmd('Tierwise trust')
  t.equal(t.messages, {}, 'nothing happens without a yes')
  answer = 1
  vim.cmd('Tierwise trust')
  t.wait('the new server', function()
    t.client = vim.lsp.get_clients({ bufnr = 0, name = 'tierwise' })[1]
    return t.client and t.client.id ~= first and t.client.initialized == true
  end)
  t.one_of(t.messages, 'is trusted')
  vim.cmd('Tierwise format')
  t.equal(t.outcome().status, 'applied')
  t.equal(vim.uv.fs_stat(t.project .. '/ran') ~= nil, true)
end
