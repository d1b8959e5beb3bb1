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

---@type string[] newest first
local instructions = {}
local MOST_INSTRUCTIONS = 50

-- How long the server may take to end an action in order before its request is taken back.
local CANCEL_MS = 1000

--- How many actions run.
---@return integer
function M.count()
  return vim.tbl_count(running)
end

--- What is left to type of the instructions given before, after these words.
---@param given string
---@return string[]
function M.instructions(given)
  local found = {}
  for _, instruction in ipairs(instructions) do
    if given == '' then
      table.insert(found, instruction)
    elseif vim.startswith(instruction, given .. ' ') then
      table.insert(found, instruction:sub(#given + 2))
    end
  end
  return found
end

---@param instruction string?
local function remember(instruction)
  if instruction then
    instructions = vim.tbl_filter(function(earlier)
      return earlier ~= instruction
    end, instructions)
    table.insert(instructions, 1, instruction)
    instructions[MOST_INSTRUCTIONS + 1] = nil
  end
end

---@param result table
local function tell_applied(result)
  local words = { result.message }
  if result.cost and server.given(result.costPicoUsd) ~= 0 then
    table.insert(words, result.cost)
  end
  local created = require('tierwise.edits').take_created()
  if next(created) then
    table.insert(words, ('in %s, :wall writes it'):format(table.concat(created, ', ')))
  end
  server.tell(table.concat(words, ' · '))
end

--- Tell what came of an action, or of what was accepted of it, and let everybody else know.
---@param result table
function M.finished(result)
  if result.status == 'applied' then
    tell_applied(result)
  elseif result.status == 'cancelled' or result.status == 'discarded' then
    server.tell(result.message)
  elseif result.status == 'refused' and not result.attempts then
    -- It was not even begun.
    server.tell(result.message, vim.log.levels.WARN)
  end
  -- The server itself says why an action was refused, and a proposal that was not applied is shown.
  vim.api.nvim_exec_autocmds('User', { pattern = 'TierwiseDone', modeline = false, data = result })
end

--- Send a command that carries out an action; its edit comes by itself.
---@param client vim.lsp.Client
---@param command string
---@param arguments table
---@param bufnr? integer
function M.start_command(client, command, arguments, bufnr)
  n_started = n_started + 1
  local token = ('tierwise-nvim-%d'):format(n_started)
  local given = next(arguments) and { arguments } or {}
  local params = { command = command, arguments = given, workDoneToken = token }
  local is_sent, request_id = client:request('workspace/executeCommand', params, function(err, result)
    running[token] = nil
    if err then
      server.tell(err.message, vim.log.levels.ERROR)
    elseif type(result) == 'table' then
      M.finished(result)
    end
  end, bufnr)
  if is_sent and request_id then
    running[token] = { client = client, request_id = request_id, action = arguments.action or 'the action' }
  end
end

--- Start an action.
---@param client vim.lsp.Client
---@param arguments table those of `tierwise.run`
---@param bufnr integer
function M.start(client, arguments, bufnr)
  remember(arguments.instruction)
  M.start_command(client, 'tierwise.run', arguments, bufnr)
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

--- An entry of the code action menu was chosen: the client's side of the server's command.
---@param start 'start'|'start_with_instruction'
---@param command lsp.Command
---@param context { client_id: integer, bufnr: integer }
local function chosen(start, command, context)
  local client = vim.lsp.get_client_by_id(context.client_id)
  if client then
    M[start](client, command.arguments[1], context.bufnr)
  end
end

--- The client's side of `tierwise.run`.
---@param command lsp.Command
---@param context { client_id: integer, bufnr: integer }
function M.chosen(command, context)
  chosen('start', command, context)
end

--- The client's side of `tierwise.do`, which needs an instruction.
---@param command lsp.Command
---@param context { client_id: integer, bufnr: integer }
function M.ask(command, context)
  chosen('start_with_instruction', command, context)
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

--- End everything that runs, also what waits for the user to look at it; the text stays as it is.
function M.cancel()
  local is_looked_at = require('tierwise.review').discard_all()
  if not next(running) and not is_looked_at then
    server.tell('nothing is running')
  end
  for token, entry in pairs(running) do
    cancel(token, entry)
  end
end

--- A server ended: nobody will answer what it was asked.
---@param client_id integer
---@return string[] the actions that ended with it
function M.forget(client_id)
  local lost = {}
  for token, entry in pairs(running) do
    if entry.client.id == client_id then
      running[token] = nil
      table.insert(lost, entry.action)
    end
  end
  return lost
end

return M
