--- What a command is about: the cursor, the given lines, or the selection that gave them.

local M = {}

---@class tierwise.Options
---@field range integer 0, 1 or 2 line numbers were given
---@field line1? integer
---@field line2? integer
---@field bang? boolean

---@param bufnr integer
---@param line integer one-based
---@param column integer bytes
---@param encoding string
local function position(bufnr, line, column, encoding)
  local text = vim.api.nvim_buf_get_lines(bufnr, line - 1, line, false)[1] or ''
  return { line = line - 1, character = vim.str_utfindex(text, encoding, math.min(column, #text), false) }
end

--- Whether the given lines are the last selection, and that was of characters.
---@param options tierwise.Options
local function is_selection(options)
  return vim.fn.visualmode() == 'v'
    and options.line1 == vim.fn.line("'<")
    and options.line2 == vim.fn.line("'>")
end

--- The range in the client's units.
---@param client vim.lsp.Client
---@param bufnr integer
---@param options tierwise.Options
---@return lsp.Range
function M.range(client, bufnr, options)
  local encoding = client.offset_encoding
  if options.range == 0 then
    return vim.lsp.util.make_range_params(0, encoding).range
  end
  if is_selection(options) then
    return vim.lsp.util.make_given_range_params(nil, nil, bufnr, encoding).range
  end
  return {
    start = { line = options.line1 - 1, character = 0 },
    ['end'] = position(bufnr, options.line2, vim.v.maxcol, encoding),
  }
end

--- The diagnostics in a range, gravest first.
---@param client vim.lsp.Client
---@param bufnr integer
---@param range lsp.Range
---@return lsp.Diagnostic[]
function M.diagnostics(client, bufnr, range)
  local diagnostics = require('tierwise.diagnostics')
  return diagnostics.between(bufnr, range.start.line, range['end'].line, client.offset_encoding)
end

return M
