--- A small window for text that is only read.

local M = {}

local MAX_HEIGHT = 20

---@param name string
---@return integer
local function buffer_named(name)
  for _, bufnr in ipairs(vim.api.nvim_list_bufs()) do
    if vim.api.nvim_buf_get_name(bufnr) == name then
      return bufnr
    end
  end
  local bufnr = vim.api.nvim_create_buf(false, true)
  vim.api.nvim_buf_set_name(bufnr, name)
  vim.bo[bufnr].bufhidden = 'wipe'
  vim.keymap.set('n', 'q', '<Cmd>close<CR>', { buffer = bufnr, desc = 'Close this window' })
  return bufnr
end

--- Show lines below all other windows; `q` closes. A window that shows this topic already is used again.
---@param topic string
---@param lines string[]
---@return integer its buffer
function M.show(topic, lines)
  local bufnr = buffer_named('tierwise://' .. topic)
  vim.bo[bufnr].modifiable = true
  -- A message of a tool may have several lines, a buffer's line may not.
  local flat = vim.split(table.concat(lines, '\n'), '\n')
  vim.api.nvim_buf_set_lines(bufnr, 0, -1, false, flat)
  vim.bo[bufnr].modifiable = false
  vim.bo[bufnr].filetype = 'tierwise'
  local window = vim.fn.bufwinid(bufnr)
  if window ~= -1 then
    vim.api.nvim_set_current_win(window)
  else
    local height = math.min(#flat, MAX_HEIGHT)
    vim.api.nvim_open_win(bufnr, true, { split = 'below', win = -1, height = height })
  end
  return bufnr
end

return M
