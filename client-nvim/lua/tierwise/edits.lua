--- Edits of the server on their way into the buffers: each an undo step of its own.

local M = {}

--- Files the last edit created, by name.
---@type string[]
local created = {}

--- The URIs an edit is about.
---@param edit table
---@return string[]
local function uris_of(edit)
  local uris = vim.tbl_keys(edit.changes or {})
  for _, change in ipairs(edit.documentChanges or {}) do
    table.insert(uris, change.uri or (change.textDocument and change.textDocument.uri))
  end
  return uris
end

--- End the current undo step. Without this an edit that arrives in Insert mode would be undone only together with what
--- was typed around it.
---@param uris string[]
function M.end_undo_step(uris)
  for _, uri in ipairs(uris) do
    local bufnr = vim.uri_to_bufnr(uri)
    if vim.api.nvim_buf_is_loaded(bufnr) then
      vim.api.nvim_buf_call(bufnr, function()
        vim.cmd('let &g:undolevels = &g:undolevels')
      end)
    end
  end
end

--- Handles `workspace/applyEdit`.
---@param err table?
---@param params table
---@param context table
function M.apply(err, params, context)
  local uris = uris_of(params.edit)
  created = {}
  for _, change in ipairs(params.edit.documentChanges or {}) do
    if change.kind == 'create' then
      table.insert(created, vim.fn.fnamemodify(vim.uri_to_fname(change.uri), ':.'))
    end
  end
  M.end_undo_step(uris)
  local answer = vim.lsp.handlers['workspace/applyEdit'](err, params, context)
  M.end_undo_step(uris)
  return answer
end

--- The names of the files the last edit created; asked for once.
---@return string[]
function M.take_created()
  local names = created
  created = {}
  return names
end

return M
