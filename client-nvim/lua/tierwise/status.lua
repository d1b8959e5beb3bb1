--- What the server says of itself: spend, tiers, and what it is doing.

local server = require('tierwise.server')

local M = {}

---@type table<integer, table> what `tierwise/status` said last, by client
local figures = {}
---@type table<integer, table<string, string>> what runs, by client and progress token
local doing = {}

--- The server sent its figures.
---@param params table
---@param client_id integer
function M.received(params, client_id)
  figures[client_id] = params
  vim.api.nvim_exec_autocmds('User', { pattern = 'TierwiseStatus', modeline = false, data = params })
  vim.cmd.redrawstatus({ bang = true })
end

--- Any server reported progress; other servers' is not ours to show.
---@param client_id integer
---@param params table
function M.progressed(client_id, params)
  local client = vim.lsp.get_client_by_id(client_id)
  local value = params.value
  if not client or client.name ~= server.name or type(value) ~= 'table' then
    return
  end
  local now = doing[client_id] or {}
  doing[client_id] = now
  local token = tostring(params.token)
  if value.kind == 'end' then
    now[token] = nil
  else
    local words = value.message or now[token] or value.title or 'working'
    now[token] = words
  end
  vim.cmd.redrawstatus({ bang = true })
end

--- What the server said last, nil before it said anything.
---@param client_id integer
---@return table?
function M.figures(client_id)
  return figures[client_id]
end

---@param share number?
---@return string?
local function share_words(share)
  return share and ('top %.0f %%'):format(100 * share) or nil
end

--- A short text for a buffer's status line; a literal percent sign is doubled, as the option wants it.
---@param bufnr integer
---@return string
function M.statusline(bufnr)
  local client = vim.lsp.get_clients({ bufnr = bufnr, name = server.name })[1]
  if not client then
    return ''
  end
  local _, words = next(doing[client.id] or {})
  if not words then
    local said = figures[client.id] or {}
    local parts = { server.given(said.spentToday), share_words(server.given(said.topShare)) }
    words = table.concat(vim.tbl_values(parts), ' · ')
  end
  return (('tierwise %s'):format(words):gsub('%s+$', ''):gsub('%%', '%%%%'))
end

return M
