--- Ending a server and starting it again for the same buffers: by hand, and by itself after it died.

local server = require('tierwise.server')

local M = {}

local POLL_MS = 50
local PATIENCE_MS = 5000
local WINDOW_MS = 180000
local DELAYS_MS = { 1000, 4000, 15000 }

--- Moments of a server's deaths, by root folder.
---@type table<string, integer[]>
local deaths = {}
--- Buffers and configuration of a server that died, by root folder; kept until it is started again.
---@type table<string, { config: vim.lsp.ClientConfig, buffers: integer[] }>
local lost = {}
--- Servers that are ended on purpose.
---@type table<integer, true>
local ending = {}

---@param config vim.lsp.ClientConfig
---@return string
local function key_of(config)
  return config.root_dir or ''
end

---@param config vim.lsp.ClientConfig
---@param buffers integer[]
local function start(config, buffers)
  lost[key_of(config)] = nil
  for _, bufnr in ipairs(buffers) do
    if vim.api.nvim_buf_is_loaded(bufnr) then
      vim.lsp.start(config, { bufnr = bufnr })
    end
  end
end

--- End a server in order, by force when it takes too long, and start it again.
---@param client vim.lsp.Client
function M.restart(client)
  local config, buffers = client.config, vim.tbl_keys(client.attached_buffers)
  local waited = 0
  local timer = assert(vim.uv.new_timer())
  ending[client.id] = true
  client:stop()
  local function look()
    if timer:is_closing() then
      return
    end
    waited = waited + POLL_MS
    if waited == PATIENCE_MS then
      client:stop(true)
    end
    if client:is_stopped() then
      timer:close()
      start(config, buffers)
      server.tell('started again')
    end
  end
  timer:start(POLL_MS, POLL_MS, vim.schedule_wrap(look))
end

--- `:Tierwise restart`: the running server, or the one that died too often to be started by itself.
function M.by_hand()
  deaths = {}
  local root, one = next(lost)
  if root then
    start(one.config, one.buffers)
    server.tell('started again')
    return
  end
  local client = server.any_client()
  if client then
    M.restart(client)
  end
end

--- Milliseconds to wait before the next start; nil when a server died too often of late.
---@param key string
---@return integer?
local function delay(key)
  local now = vim.uv.now()
  local recent = vim.tbl_filter(function(moment)
    return now - moment < WINDOW_MS
  end, deaths[key] or {})
  table.insert(recent, now)
  deaths[key] = recent
  return DELAYS_MS[#recent]
end

---@param actions string[] what it was doing
---@param code integer
---@param signal integer
---@return string
local function death_words(actions, code, signal)
  local how = signal ~= 0 and ('signal %d'):format(signal) or ('exit code %d'):format(code)
  local words = ('the server ended with %s'):format(how)
  if actions[1] then
    local help = "':Tierwise restore' takes back an edit that reached only some of its files"
    words = ('%s while it was at %s; what had not been applied is lost, and %s'):format(
      words,
      table.concat(actions, ', '),
      help
    )
  end
  return words
end

--- A server ended. One that died is started again for its buffers, later each time.
---@param code integer
---@param signal integer
---@param client_id integer
function M.ended(code, signal, client_id)
  -- The client and its buffers are forgotten in the next round of the event loop.
  local client = vim.lsp.get_client_by_id(client_id)
  local config, buffers = client and client.config, client and vim.tbl_keys(client.attached_buffers) or {}
  -- Neovim itself ends a server that does not stop in time with this signal.
  local is_wanted = ending[client_id] or signal == 15
  local is_death = not is_wanted and (code ~= 0 or signal ~= 0) and vim.v.exiting == vim.NIL
  ending[client_id] = nil
  vim.schedule(function()
    local actions = require('tierwise.running').forget(client_id)
    require('tierwise.review').forget(client_id)
    require('tierwise.status').forget(client_id)
    if is_death and config then
      M.revive(config, buffers, death_words(actions, code, signal))
    end
  end)
end

--- Start a server that died once it has rested.
---@param config vim.lsp.ClientConfig
---@param buffers integer[]
---@param words string how it died
function M.revive(config, buffers, words)
  local key = key_of(config)
  local wait = delay(key)
  lost[key] = { config = config, buffers = buffers }
  if not wait then
    local log = vim.lsp.log and vim.lsp.log.get_filename and vim.lsp.log.get_filename() or 'lsp.log'
    local help = ("':Tierwise restart' starts it, %s may say why"):format(log)
    server.tell(('%s once more; %s'):format(words, help), vim.log.levels.ERROR)
    return
  end
  server.tell(('%s; it is started again in %d s'):format(words, wait / 1000), vim.log.levels.WARN)
  vim.defer_fn(function()
    if lost[key] then
      start(config, buffers)
    end
  end, wait)
end

return M
