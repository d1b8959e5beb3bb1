--- `:checkhealth tierwise`

local M = {}

local health = vim.health
local DOCTOR_MS = 20000

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

local function check_clients()
  local clients = vim.lsp.get_clients({ name = 'tierwise' })
  if not clients[1] then
    health.warn('no server is running', { "Add vim.lsp.enable('tierwise') to your init.lua and open a file" })
  end
  for _, client in ipairs(clients) do
    local trust = require('tierwise.trust').is_trusted(client.root_dir) and 'trusted here' or 'not trusted here'
    local n_buffers = vim.tbl_count(client.attached_buffers)
    health.ok(('running for %s (%d buffers, %s)'):format(client.root_dir or 'single files', n_buffers, trust))
  end
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

function M.check()
  health.start('Tierwise')
  check_neovim()
  local start = check_program()
  check_clients()
  if start then
    check_models(start)
  end
end

return M
