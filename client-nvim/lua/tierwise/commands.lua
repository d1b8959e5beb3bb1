--- `:Tierwise` and its subcommands.

local server = require('tierwise.server')

local M = {}

local TIERS = { 'auto', 'local', 'bulk', 'top' }
local SINCE = { '24h', '7d', '30d' }

--- Subcommand → id of the action it runs.
local ACTIONS = {
  across = 'refactor_across_files',
  ['do'] = 'do',
  document = 'document',
  fix = 'fix_diagnostic',
  format = 'format',
  hints = 'add_type_hints',
  refactor = 'refactor',
  tests = 'write_tests',
}

--- Those that take an instruction instead of a tier.
local INSTRUCTED = { across = true, ['do'] = true }

---@param name string
---@return boolean
local function tell_unknown_tier(name)
  local words = ('there is no tier %q, there are %s'):format(name, table.concat(TIERS, ', '))
  server.tell(words, vim.log.levels.ERROR)
  return false
end

--- What the words after an action's name ask for; nil after the user was told what is wrong with them.
---@param name string
---@param words string[]
---@return tierwise.Asked?
local function asked_by(name, words)
  if INSTRUCTED[name] then
    return { instruction = words[1] and table.concat(words, ' ') }
  end
  if words[1] and not vim.list_contains(TIERS, words[1]) then
    tell_unknown_tier(words[1])
    return nil
  end
  return { tier = words[1] }
end

---@param name string
---@param words string[]
---@param options tierwise.Options
local function run(name, words, options)
  local asked = asked_by(name, words)
  if asked then
    asked.review = options.bang and 'always' or nil
    require('tierwise.asking').run(ACTIONS[name], asked, options)
  end
end

---@param words string[]
---@param options tierwise.Options
local function preview(words, options)
  local name = table.remove(words, 1)
  if not ACTIONS[name or ''] then
    local known = vim.tbl_keys(ACTIONS)
    table.sort(known)
    local which = name and ('there is no action %q,'):format(name) or 'which action?'
    server.tell(('%s there are %s'):format(which, table.concat(known, ', ')), vim.log.levels.ERROR)
    return
  end
  local asked = asked_by(name, words)
  if asked then
    require('tierwise.asking').preview(ACTIONS[name], asked, options)
  end
end

--- Ask the server for a report and show it.
---@param topic string
---@param arguments table?
local function show_report(topic, arguments)
  local client = server.any_client()
  if client then
    server.ask(client, 'tierwise.' .. topic, arguments, function(answer)
      require('tierwise.window').show(topic, require('tierwise.reports')[topic](answer))
    end)
  end
end

---@param words string[]
local function again(words)
  if words[1] and not vim.list_contains(TIERS, words[1]) then
    tell_unknown_tier(words[1])
    return
  end
  require('tierwise.history').again(nil, words[1])
end

---@param words string[]
local function tier(words)
  if words[1] and not vim.list_contains(TIERS, words[1]) then
    tell_unknown_tier(words[1])
    return
  end
  if words[1] then
    vim.g.tierwise_tier = words[1] ~= 'auto' and words[1] or nil
  end
  local client = server.any_client()
  local figures = client and require('tierwise.status').figures(client.id)
  local lines = require('tierwise.reports').tiers(figures, vim.g.tierwise_tier or 'auto')
  server.tell(table.concat(lines, '\n'))
end

--- Show the figures, of a server that has just been started as soon as it sends them.
local function status()
  local client = server.any_client()
  if not client then
    return
  end
  local function show()
    local figures = require('tierwise.status').figures(client.id)
    if figures then
      require('tierwise.window').show('status', require('tierwise.reports').status(figures))
    end
    return figures ~= nil
  end
  if not show() then
    server.tell('the server has only just started; its figures are shown when they come')
    local wanted = { pattern = 'TierwiseStatus', once = true, callback = vim.schedule_wrap(show) }
    vim.api.nvim_create_autocmd('User', wanted)
  end
end

local function reload()
  local client = server.any_client()
  if client then
    server.ask(client, 'tierwise.reload', nil, function(answer)
      local problem = (answer.problems or {})[1]
      server.tell(problem and (problem.words or vim.inspect(problem)) or 'the configuration was read again')
    end)
  end
end

--- Take back the last edit that reached only some of its files; the server says what came of it.
local function restore()
  local client = server.any_client()
  if client then
    server.ask(client, 'tierwise.restore', nil, function() end)
  end
end

---@param verb 'accept'|'discard'
---@return fun(words: string[], options: tierwise.Options)
local function decide(verb)
  return function(_, options)
    require('tierwise.review')[verb](options.bang == true)
  end
end

---@type table<string, fun(words: string[], options: tierwise.Options)>
local SUBCOMMANDS = {
  accept = decide('accept'),
  again = again,
  cancel = function()
    require('tierwise.running').cancel()
  end,
  diff = function()
    require('tierwise.history').diff()
  end,
  discard = decide('discard'),
  doctor = function()
    show_report('doctor')
  end,
  history = function()
    require('tierwise.history').show()
  end,
  menu = function(_, options)
    require('tierwise.asking').menu(options)
  end,
  preview = preview,
  reload = reload,
  restart = function()
    require('tierwise.restart').by_hand()
  end,
  restore = restore,
  sent = function()
    require('tierwise.history').sent()
  end,
  stats = function(words)
    show_report('stats', words[1] and { since = words[1] })
  end,
  status = status,
  tier = tier,
  trust = function()
    require('tierwise.trust').change('trust')
  end,
  undo = function()
    require('tierwise.history').undo()
  end,
  untrust = function()
    require('tierwise.trust').change('untrust')
  end,
  why = function()
    show_report('why')
  end,
}

for name in pairs(ACTIONS) do
  SUBCOMMANDS[name] = function(words, options)
    run(name, words, options)
  end
end

--- The names of all subcommands, in order.
---@return string[]
function M.names()
  local names = vim.tbl_keys(SUBCOMMANDS)
  table.sort(names)
  return names
end

--- `:Tierwise`: without a subcommand, the menu.
---@param options table what Neovim hands to user commands
function M.execute(options)
  local words = options.fargs
  local name = table.remove(words, 1) or 'menu'
  local subcommand = SUBCOMMANDS[name]
  if not subcommand then
    local words_of_all = table.concat(M.names(), ', ')
    server.tell(('there is no %q, there are %s'):format(name, words_of_all), vim.log.levels.ERROR)
    return
  end
  subcommand(words, options)
end

--- Candidates for the words after an action's name.
---@param name string?
---@param words string[] from the name to the one before the cursor
---@return string[]
local function completions_of_action(name, words)
  if INSTRUCTED[name] then
    local given = table.concat(vim.list_slice(words, 2, #words - 1), ' ')
    return require('tierwise.running').instructions(given)
  end
  return #words == 2 and TIERS or {}
end

--- Candidates for the word before the cursor.
---@param lead string
---@param line string
---@return string[]
function M.complete(lead, line)
  local words = vim.split(line:gsub('^.-Tierwise!?%s*', ''), '%s+')
  if words[1] == 'preview' and 2 < #words then
    table.remove(words, 1)
  end
  local name = words[1]
  local candidates = {}
  if #words <= 1 then
    candidates = M.names()
  elseif ACTIONS[name] then
    candidates = completions_of_action(name, words)
  elseif #words == 2 then
    candidates = ({ again = TIERS, stats = SINCE, tier = TIERS, preview = vim.tbl_keys(ACTIONS) })[name] or {}
  end
  candidates = vim.tbl_filter(function(candidate)
    return vim.startswith(candidate, lead)
  end, candidates)
  table.sort(candidates)
  return candidates
end

return M
