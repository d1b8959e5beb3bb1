--- Finding the server that serves a buffer, and asking it.

local M = {}

M.name = 'tierwise'

--- One sentence for the user.
---@param words string
---@param level? integer
function M.tell(words, level)
  vim.notify('Tierwise: ' .. words, level or vim.log.levels.INFO)
end

--- A value from JSON, with null as nil.
---@generic T
---@param value T
---@return T?
function M.given(value)
  if value == vim.NIL then
    return nil
  end
  return value
end

--- The client attached to a buffer. Says so when there is none.
---@param bufnr integer
---@return vim.lsp.Client?
function M.client(bufnr)
  local client = vim.lsp.get_clients({ bufnr = bufnr, name = M.name })[1]
  if not client then
    M.tell("does not serve this buffer, see ':checkhealth tierwise'", vim.log.levels.WARN)
  end
  return client
end

--- Any running client, the current buffer's first.
---@return vim.lsp.Client?
function M.any_client()
  local here = vim.lsp.get_clients({ bufnr = 0, name = M.name })[1]
  local client = here or vim.lsp.get_clients({ name = M.name })[1]
  if not client then
    M.tell("is not running, see ':checkhealth tierwise'", vim.log.levels.WARN)
  end
  return client
end

--- Run one of the server's commands that only answer, and hand its answer on.
---@param client vim.lsp.Client
---@param command string
---@param arguments table?
---@param on_answer fun(answer: table)
function M.ask(client, command, arguments, on_answer)
  local params = { command = command, arguments = arguments and { arguments } or {} }
  client:request('workspace/executeCommand', params, function(err, answer)
    if err then
      M.tell(err.message, vim.log.levels.ERROR)
    elseif type(answer) == 'table' then
      on_answer(answer)
    end
  end)
end

return M
