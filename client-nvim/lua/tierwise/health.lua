--- `:checkhealth tierwise`

local M = {}

local health = vim.health
local DOCTOR_MS = 20000
local TRUST_MS = 5000
local START_MS = 5000

---@return string[]? command that starts the server
local function command()
  local config = vim.lsp.config and vim.lsp.config.tierwise
  return config and type(config.cmd) == 'table' and config.cmd or nil
end

local function check_neovim()
  if vim.fn.has('nvim-0.11') == 1 then
    health.ok('Neovim ' .. tostring(vim.version()))
  else
    health.error('Neovim is older than 0.11', { 'Install Neovim 0.11 or newer' })
  end
end

---@return string[]? the words before `serve`
local function check_program()
  local words = command()
  if not words then
    health.error('there is no configuration for the server', { "Put `client-nvim` on 'runtimepath'" })
    return nil
  end
  if vim.fn.executable(words[1]) == 0 then
    health.error(('%q is not on PATH'):format(words[1]), {
      'Install it: pipx install tierwise',
      "Or name it: vim.lsp.config('tierwise', { cmd = { '/path/to/tierwise', 'serve' } })",
    })
    return nil
  end
  local start = {}
  for _, word in ipairs(words) do
    if word == 'serve' then
      break
    end
    table.insert(start, word)
  end
  health.ok('the server is ' .. vim.fn.exepath(words[1]))
  return start
end

---@param start string[]
local function check_models(start)
  local words = vim.list_extend(vim.list_slice(start), { 'doctor', '--json' })
  local is_started, child = pcall(vim.system, words, { text = true, timeout = DOCTOR_MS })
  if not is_started then
    health.error('the server could not be started: ' .. tostring(child))
    return
  end
  local ended = child:wait()
  local is_json, report = pcall(vim.json.decode, ended.stdout or '')
  if not is_json or type(report) ~= 'table' or not report.tiers then
    health.error('`tierwise doctor` gave no report: ' .. vim.trim(ended.stderr or ''))
    return
  end
  for _, name in ipairs({ 'local', 'bulk', 'top' }) do
    local tier = report.tiers[name]
    if tier and tier.isReady then
      health.ok(('the %s tier is ready'):format(name))
    elseif tier then
      local fix = require('tierwise.server').given(tier.fix)
      health.warn(('the %s tier is not ready'):format(name), fix and fix ~= '' and { fix } or nil)
    end
  end
end

local function check_settings()
  local tier = vim.g.tierwise_tier
  if tier ~= nil and not vim.list_contains({ 'local', 'bulk', 'top' }, tier) then
    local help = "Set it to 'local', 'bulk' or 'top', or unset it"
    health.error(('g:tierwise_tier is %s'):format(vim.inspect(tier)), { help })
  end
  local roots = vim.g.tierwise_trusted_roots
  if roots ~= nil and type(roots) ~= 'table' then
    health.error('g:tierwise_trusted_roots is no list', { "Set it to a list such as { '~/src/mine' }" })
  end
  for _, root in ipairs(type(roots) == 'table' and roots or {}) do
    if type(root) ~= 'string' or vim.fn.isdirectory(vim.fs.normalize(root)) == 0 then
      health.warn(('g:tierwise_trusted_roots names %s, which is no folder'):format(vim.inspect(root)))
    end
  end
end

---@param client vim.lsp.Client
---@return string
local function trust_words(client)
  if require('tierwise.trust').is_trusted(client.root_dir) then
    return 'trusted by g:tierwise_trusted_roots'
  end
  local params = { command = 'tierwise.trust', arguments = {} }
  local answer = client:request_sync('workspace/executeCommand', params, TRUST_MS)
  local found = answer and answer.result or {}
  for _, folder in ipairs(found.folders or {}) do
    if folder.standing == 'changed' then
      return "no longer trusted since its settings changed, see ':help tierwise-trust'"
    end
  end
  return found.isTrusted and 'trusted' or 'not trusted here'
end

local function check_clients()
  -- One that is just starting is waited for.
  if vim.lsp.get_clients({ name = 'tierwise', _uninitialized = true })[1] then
    vim.wait(START_MS, function()
      return vim.lsp.get_clients({ name = 'tierwise' })[1] ~= nil
    end)
  end
  local clients = vim.lsp.get_clients({ name = 'tierwise' })
  if not clients[1] then
    health.warn('no server is running', { "Add vim.lsp.enable('tierwise') to your init.lua and open a file" })
  end
  for _, client in ipairs(clients) do
    local n_buffers = vim.tbl_count(client.attached_buffers)
    local root = client.root_dir or 'single files'
    health.ok(('running for %s (%d buffers, %s)'):format(root, n_buffers, trust_words(client)))
  end
end

function M.check()
  health.start('Tierwise')
  check_neovim()
  check_settings()
  local start = check_program()
  check_clients()
  if start then
    check_models(start)
  end
end

return M
