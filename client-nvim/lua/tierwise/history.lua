--- What was done: a list to look back at, and what can be done about one action or the last one.

local server = require('tierwise.server')
local window = require('tierwise.window')

local M = {}

local HELP = 'd: the change  s: what was sent  w: why  u: take back  a: one tier up  q: close'

---@param action table
---@return string
local function line_of(action)
  local given = server.given
  local state = given(action.fate) or action.status
  local model = given(action.model) and ('%s %s'):format(given(action.tier) or '', action.model) or 'no model'
  local at = (given(action.at) or ''):sub(12, 16)
  return table.concat({ at, action.title, state, model, action.cost or 'unknown' }, ' · ')
end

---@param files table[]
local function show_changes(files)
  for number, file in ipairs(files) do
    local path = vim.uri_to_fname(file.uri)
    local name = ('tierwise://change/%d/%s/'):format(vim.uv.hrtime() + number, vim.fs.basename(path))
    local before = { name = name .. 'before', text = server.given(file.before), head = 'before' }
    local after = { name = name .. 'after', text = server.given(file.after), head = 'after' }
    before.head = server.given(file.before) and 'before' or 'before: no such file'
    after.head = server.given(file.after) and 'after' or 'after: no such file'
    require('tierwise.diffs').open(path, before, after, 'nofile')
  end
end

--- Ask one of the server's commands about an action; what it refuses is told.
---@param command string
---@param arguments { id?: string, tier?: string }
---@param on_answer fun(answer: table)
local function ask(command, arguments, on_answer)
  local client = server.any_client()
  if client then
    server.ask(client, command, next(arguments) and arguments or nil, function(answer)
      if answer.status == 'refused' then
        server.tell(answer.message, vim.log.levels.WARN)
      else
        on_answer(answer)
      end
    end)
  end
end

--- The change of an action, as a diff.
---@param id? string the last action's where it is left out
function M.diff(id)
  ask('tierwise.changes', { id = id }, function(answer)
    if not answer.files[1] then
      server.tell('that action changed nothing')
    end
    show_changes(answer.files)
  end)
end

--- Everything an action has sent, as it left.
---@param id? string
function M.sent(id)
  ask('tierwise.sent', { id = id }, function(answer)
    window.show('sent', vim.split(answer.text, '\n'))
  end)
end

--- What came of an action, and why its tier was chosen.
---@param id? string
function M.why(id)
  ask('tierwise.why', { id = id }, function(answer)
    window.show('why', require('tierwise.reports').why(answer))
  end)
end

--- Take an action's edit back and keep what was typed since.
---@param id? string
function M.undo(id)
  ask('tierwise.undo', { id = id }, function(answer)
    server.tell(answer.message)
  end)
end

--- The same task one tier up, or on the tier named; its answer takes the place of the first.
---@param id? string
---@param tier? string
function M.again(id, tier)
  local client = server.any_client()
  if client then
    require('tierwise.running').start_command(client, 'tierwise.again', { id = id, tier = tier })
  end
end

---@param bufnr integer
---@param actions table[]
local function map_keys(bufnr, actions)
  for key, name in pairs({ d = 'diff', s = 'sent', w = 'why', u = 'undo', a = 'again', ['<CR>'] = 'why' }) do
    vim.keymap.set('n', key, function()
      local action = actions[vim.api.nvim_win_get_cursor(0)[1] - 1]
      if action then
        M[name](action.id)
      end
    end, { buffer = bufnr, nowait = true, desc = 'Tierwise: ' .. name })
  end
end

--- The newest actions in a window, with keys for what can be done about them.
function M.show()
  ask('tierwise.history', {}, function(answer)
    local lines = vim.tbl_map(line_of, answer.actions)
    table.insert(lines, 1, answer.actions[1] and HELP or 'nothing was done yet')
    map_keys(window.show('history', lines), answer.actions)
  end)
end

return M
