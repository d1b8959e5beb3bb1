-- Defines `:Tierwise`. Everything else is loaded when it is first used.

if vim.g.loaded_tierwise then
  return
end
vim.g.loaded_tierwise = 1

if vim.fn.has('nvim-0.11') == 0 then
  vim.notify('Tierwise needs Neovim 0.11 or newer', vim.log.levels.ERROR)
  return
end

vim.api.nvim_create_user_command('Tierwise', function(options)
  require('tierwise.commands').execute(options)
end, {
  nargs = '*',
  range = true,
  bang = true,
  desc = 'Code actions on the cheapest model that passes their checks',
  complete = function(lead, line)
    return require('tierwise.commands').complete(lead, line)
  end,
})

vim.api.nvim_create_autocmd('LspProgress', {
  group = vim.api.nvim_create_augroup('tierwise', {}),
  callback = function(event)
    local client = vim.lsp.get_client_by_id(event.data.client_id)
    if client and client.name == 'tierwise' then
      require('tierwise.status').progressed(client.id, event.data.params)
    end
  end,
})
