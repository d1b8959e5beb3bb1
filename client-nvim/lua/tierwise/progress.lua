--- Progress as a message, where Neovim has messages for it (0.12); elsewhere `LspProgress` and the status line tell.

local M = {}

--- Messages that are shown, by client and token.
---@type table<string, integer|string>
local shown = {}

local is_possible = vim.fn.has('nvim-0.12') == 1

---@param value table
---@return string
local function status_of(value)
  if value.kind ~= 'end' then
    return 'running'
  end
  return value.message == 'cancelled' and 'cancel' or value.message == 'done' and 'success' or 'failed'
end

--- Show, change or end a message.
---@param client_id integer
---@param token string|integer
---@param value { kind: string, title?: string, message?: string, percentage?: integer }
function M.show(client_id, token, value)
  if not is_possible or vim.g.tierwise_progress == false then
    return
  end
  local key = ('%d:%s'):format(client_id, token)
  local words = value.message or value.title or 'working'
  local options = {
    kind = 'progress',
    title = 'Tierwise',
    status = status_of(value),
    percent = value.kind == 'end' and 100 or value.percentage,
    id = shown[key],
  }
  local is_shown, id = pcall(vim.api.nvim_echo, { { words } }, false, options)
  -- Neovim before the release of 0.12 may have the name and not the options.
  is_possible = is_shown
  shown[key] = is_shown and value.kind ~= 'end' and id or nil
end

return M
