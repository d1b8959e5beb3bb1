--- Ending a server and starting it again for the same buffers.

local server = require('tierwise.server')

local M = {}

local POLL_MS = 50
local PATIENCE_MS = 5000

---@param config vim.lsp.ClientConfig
---@param buffers integer[]
local function start(config, buffers)
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

return M
