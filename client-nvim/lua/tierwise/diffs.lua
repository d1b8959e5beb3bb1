--- Two texts side by side in a tab of their own, in Neovim's diff mode.

local texts = require('tierwise.texts')

local M = {}

---@class tierwise.Side
---@field name string of its buffer
---@field text string?
---@field head string what stands above it

---@param side tierwise.Side
---@param kind 'acwrite'|'nofile'
---@param language string
---@return integer
local function buffer(side, kind, language)
  local bufnr = vim.api.nvim_create_buf(false, true)
  texts.write(bufnr, side.text or '')
  vim.api.nvim_buf_set_name(bufnr, side.name)
  -- Before the file type: servers leave buffers of such types alone.
  vim.bo[bufnr].buftype = kind
  vim.bo[bufnr].bufhidden = 'wipe'
  vim.bo[bufnr].filetype = language
  vim.bo[bufnr].modified = false
  return bufnr
end

--- Open the tab; its left window is the current one.
---@param path string whose language the texts are in
---@param left tierwise.Side
---@param right tierwise.Side
---@param kind 'acwrite'|'nofile'
---@return integer left_buffer
---@return integer right_buffer
function M.open(path, left, right, kind)
  local language = vim.filetype.match({ filename = path }) or ''
  vim.cmd.tabnew()
  local window, spare = vim.api.nvim_get_current_win(), vim.api.nvim_get_current_buf()
  local left_buffer, right_buffer = buffer(left, kind, language), buffer(right, kind, language)
  vim.api.nvim_win_set_buf(window, left_buffer)
  vim.api.nvim_buf_delete(spare, { force = true })
  local other = vim.api.nvim_open_win(right_buffer, false, { split = 'right', win = window })
  for one, side in pairs({ [window] = left, [other] = right }) do
    vim.wo[one][0].winbar = side.head:gsub('%%', '%%%%')
    vim.api.nvim_win_call(one, vim.cmd.diffthis)
  end
  return left_buffer, right_buffer
end

return M
