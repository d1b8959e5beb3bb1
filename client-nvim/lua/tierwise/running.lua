--- Actions that run now: starting, asking for the instruction, ending early, telling the outcome.

local server = require('tierwise.server')

local M = {}

---@class tierwise.Running
---@field client vim.lsp.Client
---@field request_id integer
---@field action string

---@type table<string, tierwise.Running> by progress token
local running = {}
local n_started = 0

-- How long the server may take to end an action in order before its request is taken back.
local CANCEL_MS = 1000

--- How many actions run.
---@return integer
function M.count()
  return vim.tbl_count(running)
end

---@param result table
local function tell_applied(result)
  local words = { result.message }
  if server.given(result.costPicoUsd) ~= 0 then
    table.insert(words, result.cost)
  end
  local created = require('tierwise.edits').take_created()
  if next(created) then
    table.insert(words, ('in %s, :wall writes it'):format(table.concat(created, ', ')))
  end
  server.tell(table.concat(words, ' · '))
end

---@param result table
local function finished(result)
  if result.status == 'applied' then
    tell_applied(result)
  elseif result.status == 'cancelled' then
    server.tell(result.message)
  end
  -- The server itself says why something was refused, and a proposal that was not applied is shown.
  vim.api.nvim_exec_autocmds('User', { pattern = 'TierwiseDone', modeline = false, data = result })
end

--- Send an action to the server; its edit comes by itself.
---@param client vim.lsp.Client
---@param arguments table those of `tierwise.run`
---@param bufnr integer
function M.start(client, arguments, bufnr)
  n_started = n_started + 1
  local token = ('tierwise-nvim-%d'):format(n_started)
  local params = { command = 'tierwise.run', arguments = { arguments }, workDoneToken = token }
  local is_sent, request_id = client:request('workspace/executeCommand', params, function(err, result)
    running[token] = nil
    if err then
      server.tell(err.message, vim.log.levels.ERROR)
    elseif type(result) == 'table' then
      finished(result)
    end
  end, bufnr)
  if is_sent and request_id then
    running[token] = { client = client, request_id = request_id, action = arguments.action }
  end
end

--- Ask for the instruction first.
---@param client vim.lsp.Client
---@param arguments table those of `tierwise.run` without the instruction
---@param bufnr integer
function M.start_with_instruction(client, arguments, bufnr)
  vim.ui.input({ prompt = 'Tierwise, do: ' }, function(instruction)
    if instruction and vim.trim(instruction) ~= '' then
      M.start(client, vim.tbl_extend('force', arguments, { instruction = vim.trim(instruction) }), bufnr)
    end
  end)
end

--- The client's side of the command `tierwise.run`: an entry of the code action menu was chosen.
---@param command lsp.Command
---@param context { client_id: integer, bufnr: integer }
function M.chosen(command, context)
  local client = vim.lsp.get_client_by_id(context.client_id)
  if client then
    M.start(client, command.arguments[1], context.bufnr)
  end
end

--- The client's side of the command `tierwise.do`: an entry that needs an instruction was chosen.
---@param command lsp.Command
---@param context { client_id: integer, bufnr: integer }
function M.ask(command, context)
  local client = vim.lsp.get_client_by_id(context.client_id)
  if client then
    M.start_with_instruction(client, command.arguments[1], context.bufnr)
  end
end

---@param token string
---@param entry tierwise.Running
local function cancel(token, entry)
  entry.client:notify('window/workDoneProgress/cancel', { token = token })
  vim.defer_fn(function()
    if running[token] then
      running[token] = nil
      entry.client:cancel_request(entry.request_id)
      server.tell(('%s was cancelled'):format(entry.action))
    end
  end, CANCEL_MS)
end

--- End everything that runs; the text stays as it is.
function M.cancel()
  if not next(running) then
    server.tell('nothing is running')
  end
  for token, entry in pairs(running) do
    cancel(token, entry)
  end
end

return M
