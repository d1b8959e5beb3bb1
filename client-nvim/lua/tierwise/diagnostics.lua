--- Diagnostics of other tools, for fixing them.
---
--- Neovim shows each server only the diagnostics that came from itself. Tierwise has none of its own: it mends those of
--- the linters and type checkers beside it, so they are lent to it.

local M = {}

---@param line string
---@param encoding string
---@param column integer
---@return integer
local function character(line, encoding, column)
  return vim.str_utfindex(line, encoding, math.min(column, #line), false)
end

--- A diagnostic as the protocol has it, in the client's units.
---@param diagnostic vim.Diagnostic
---@param bufnr integer
---@param encoding string
---@return lsp.Diagnostic
local function to_lsp(diagnostic, bufnr, encoding)
  ---@param row integer
  ---@param column integer
  local function position(row, column)
    local line = vim.api.nvim_buf_get_lines(bufnr, row, row + 1, false)[1] or ''
    return { line = row, character = character(line, encoding, column) }
  end
  local code = diagnostic.code
  return {
    range = {
      start = position(diagnostic.lnum, diagnostic.col),
      ['end'] = position(diagnostic.end_lnum or diagnostic.lnum, diagnostic.end_col or diagnostic.col),
    },
    severity = diagnostic.severity,
    message = diagnostic.message,
    source = diagnostic.source,
    code = code ~= nil and tostring(code) or nil,
  }
end

--- The diagnostics on some lines, gravest first.
---@param bufnr integer
---@param first integer zero-based
---@param last integer zero-based, included
---@param encoding string
---@return lsp.Diagnostic[]
function M.between(bufnr, first, last, encoding)
  local found = vim.tbl_filter(function(diagnostic)
    return diagnostic.lnum <= last and first <= (diagnostic.end_lnum or diagnostic.lnum)
  end, vim.diagnostic.get(bufnr))
  table.sort(found, function(a, b)
    if a.severity ~= b.severity then
      return a.severity < b.severity
    end
    return a.lnum < b.lnum or (a.lnum == b.lnum and a.col < b.col)
  end)
  return vim.tbl_map(function(diagnostic)
    return to_lsp(diagnostic, bufnr, encoding)
  end, found)
end

--- Add the diagnostics of the asked lines to a request for code actions that names none.
---@param params table
---@param bufnr integer?
---@param encoding string
local function complete(params, bufnr, encoding)
  local context, range = params.context, params.range
  if not context or not range or next(context.diagnostics or {}) then
    return
  end
  local buffer = bufnr and bufnr ~= 0 and bufnr or vim.uri_to_bufnr(params.textDocument.uri)
  context.diagnostics = M.between(buffer, range.start.line, range['end'].line, encoding)
end

--- Lend a client the other tools' diagnostics whenever it is asked for code actions.
---@param client vim.lsp.Client
function M.lend(client)
  local request = client.request
  -- Neovim 0.11 takes `client.request(...)` as well as `client:request(...)`.
  client.request = function(first, ...)
    local is_method = first == client
    local arguments = is_method and { ... } or { first, ... }
    local method, params, _, bufnr = unpack(arguments, 1, 4)
    if method == 'textDocument/codeAction' and type(params) == 'table' then
      complete(params, bufnr, client.offset_encoding)
    end
    return request(client, unpack(arguments, 1, math.max(4, #arguments)))
  end
end

return M
