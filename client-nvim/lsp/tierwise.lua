-- The language server's configuration, for `vim.lsp.enable('tierwise')`. See `:help tierwise-setup`.

-- Neovim's file types where the protocol has another name.
local language_ids = {
  bash = 'shellscript',
  cs = 'csharp',
  cuda = 'cuda-cpp',
  objc = 'objective-c',
  objcpp = 'objective-cpp',
  sh = 'shellscript',
  zsh = 'shellscript',
}

---@type vim.lsp.Config
return {
  cmd = { 'tierwise', 'serve' },
  filetypes = {
    'bash',
    'c',
    'cpp',
    'cs',
    'css',
    'cuda',
    'go',
    'graphql',
    'html',
    'java',
    'javascript',
    'javascriptreact',
    'json',
    'jsonc',
    'less',
    'lua',
    'markdown',
    'objc',
    'objcpp',
    'php',
    'python',
    'ruby',
    'rust',
    'scss',
    'sh',
    'typescript',
    'typescriptreact',
    'vue',
    'yaml',
    'zsh',
  },
  root_markers = { '.tierwise.toml', '.git', 'pyproject.toml', 'package.json', 'go.mod', 'Cargo.toml' },
  get_language_id = function(_, filetype)
    return language_ids[filetype] or filetype
  end,
  -- Neovim sends late changes of the buffer asked about only, and an action may read others as well.
  flags = { debounce_text_changes = 0 },
  init_options = { status = true, proposals = true, accept = true, instructionBox = true },
  before_init = function(params, config)
    local options = vim.deepcopy(params.initializationOptions or {})
    options.trusted = options.trusted == true or require('tierwise.trust').is_trusted(config.root_dir)
    params.initializationOptions = options
  end,
  on_init = function(client)
    require('tierwise.diagnostics').lend(client)
    require('tierwise.trust').look(client)
  end,
  on_exit = function(code, signal, client_id)
    require('tierwise.restart').ended(code, signal, client_id)
  end,
  commands = {
    ['tierwise.run'] = function(command, context)
      require('tierwise.running').chosen(command, context)
    end,
    ['tierwise.do'] = function(command, context)
      require('tierwise.running').ask(command, context)
    end,
  },
  handlers = {
    ['tierwise/status'] = function(_, params, context)
      require('tierwise.status').received(params, context.client_id)
    end,
    ['tierwise/proposal'] = function(_, params, context)
      require('tierwise.review').receive(params, context.client_id)
    end,
    ['tierwise/closed'] = function(_, params, context)
      require('tierwise.review').close(params.id, context.client_id)
    end,
    ['workspace/applyEdit'] = function(err, params, context)
      return require('tierwise.edits').apply(err, params, context)
    end,
  },
}
