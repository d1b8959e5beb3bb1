--- `:Tierwise` and its subcommands.

local server = require('tierwise.server')

local M = {}

local TIERS = { 'auto', 'local', 'bulk', 'top' }
local SINCE = { '24h', '7d', '30d' }

--- Subcommand → id of the action it runs.
local ACTIONS = {
  across = 'refactor_across_files',
  document = 'document',
  fix = 'fix_diagnostic',
  format = 'format',
  hints = 'add_type_hints',
  refactor = 'refactor',
  tests = 'write_tests',
}

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

--- What the command is about: the given lines, the selection that gave them, or the cursor.
---@param client vim.lsp.Client
---@param bufnr integer
---@param options tierwise.Options
---@return lsp.Range
local function range_of(client, bufnr, options)
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

---@param client vim.lsp.Client
---@param bufnr integer
---@param range lsp.Range
---@param arguments table
---@return boolean whether there is something to fix
local function add_diagnostic(client, bufnr, range, arguments)
  local found = require('tierwise.diagnostics').between(
    bufnr,
    range.start.line,
    range['end'].line,
    client.offset_encoding
  )
  if not found[1] then
    server.tell('no tool reports a problem here', vim.log.levels.WARN)
    return false
  end
  arguments.diagnostics = { found[1] }
  arguments.range = found[1].range
  return true
end

--- The tier the user set for this command or for all.
---@param asked string?
---@return string?
local function tier_of(asked)
  return asked or vim.g.tierwise_tier
end

--- Run an action on the current buffer.
---@param action string
---@param asked { tier?: string, instruction?: string }
---@param options tierwise.Options
function M.run(action, asked, options)
  local bufnr = vim.api.nvim_get_current_buf()
  local client = server.client(bufnr)
  if not client then
    return
  end
  local range = range_of(client, bufnr, options)
  local arguments = {
    action = action,
    uri = vim.uri_from_bufnr(bufnr),
    range = range,
    version = vim.lsp.util.buf_versions[bufnr],
    instruction = asked.instruction,
    tier = tier_of(asked.tier),
  }
  if action == 'fix_diagnostic' and not add_diagnostic(client, bufnr, range, arguments) then
    return
  end
  local needs_instruction = action == 'do' or action == 'refactor_across_files'
  local start = needs_instruction and not asked.instruction and 'start_with_instruction' or 'start'
  require('tierwise.running')[start](client, arguments, bufnr)
end

--- A menu of everything that can be done at the cursor, with tier, model and price.
---@param options tierwise.Options
local function menu(options)
  local bufnr = vim.api.nvim_get_current_buf()
  local client = server.client(bufnr)
  if not client then
    return
  end
  local range = range_of(client, bufnr, options)
  local diagnostics = require('tierwise.diagnostics')
  local asked = {
    uri = vim.uri_from_bufnr(bufnr),
    range = range,
    diagnostics = diagnostics.between(bufnr, range.start.line, range['end'].line, client.offset_encoding),
  }
  server.ask(client, 'tierwise.actions', asked, function(answer)
    local offered = vim.tbl_filter(function(offer)
      return not server.given(offer.disabledReason)
    end, answer.actions or {})
    if not next(offered) then
      server.tell(answer.message or 'nothing to do here')
      return
    end
    local choose = { prompt = 'Tierwise', format_item = function(offer) return offer.title end }
    vim.ui.select(offered, choose, function(offer)
      if offer then
        local start = offer.needsInstruction and 'start_with_instruction' or 'start'
        require('tierwise.running')[start](client, offer.arguments, bufnr)
      end
    end)
  end)
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
local function tier(words)
  if words[1] and not vim.list_contains(TIERS, words[1]) then
    server.tell(('there is no tier %q, there are %s'):format(words[1], table.concat(TIERS, ', ')), vim.log.levels.ERROR)
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

local function restart()
  local client = server.any_client()
  if client then
    require('tierwise.restart').restart(client)
  end
end

---@type table<string, fun(words: string[], options: tierwise.Options)>
local SUBCOMMANDS = {
  accept = function(_, options)
    require('tierwise.proposal').accept(options.bang == true)
  end,
  cancel = function()
    require('tierwise.running').cancel()
  end,
  discard = function()
    require('tierwise.proposal').discard()
  end,
  ['do'] = function(words, options)
    M.run('do', { instruction = words[1] and table.concat(words, ' ') }, options)
  end,
  doctor = function()
    show_report('doctor')
  end,
  menu = function(_, options)
    menu(options)
  end,
  reload = reload,
  restart = restart,
  restore = restore,
  stats = function(words)
    show_report('stats', words[1] and { since = words[1] })
  end,
  tier = tier,
  trust = function()
    require('tierwise.trust').change('trust')
  end,
  untrust = function()
    require('tierwise.trust').change('untrust')
  end,
  why = function()
    show_report('why')
  end,
}

for name, action in pairs(ACTIONS) do
  SUBCOMMANDS[name] = function(words, options)
    if name == 'across' then
      M.run(action, { instruction = words[1] and table.concat(words, ' ') }, options)
    elseif words[1] and not vim.list_contains(TIERS, words[1]) then
      server.tell(('there is no tier %q, there are %s'):format(words[1], table.concat(TIERS, ', ')), vim.log.levels.ERROR)
    else
      M.run(action, { tier = words[1] }, options)
    end
  end
end

--- `:Tierwise`: without a subcommand, the menu.
---@param options table what Neovim hands to user commands
function M.execute(options)
  local words = options.fargs
  local name = table.remove(words, 1) or 'menu'
  local subcommand = SUBCOMMANDS[name]
  if not subcommand then
    local known = vim.tbl_keys(SUBCOMMANDS)
    table.sort(known)
    server.tell(('there is no %q, there are %s'):format(name, table.concat(known, ', ')), vim.log.levels.ERROR)
    return
  end
  subcommand(words, options)
end

--- Candidates for the word before the cursor.
---@param lead string
---@param line string
---@return string[]
function M.complete(lead, line)
  local words = vim.split(line:gsub('^.-Tierwise!?%s*', ''), '%s+')
  local candidates = {}
  if #words <= 1 then
    candidates = vim.tbl_keys(SUBCOMMANDS)
  elseif #words == 2 and words[1] == 'stats' then
    candidates = SINCE
  elseif #words == 2 and (words[1] == 'tier' or (ACTIONS[words[1]] and words[1] ~= 'across')) then
    candidates = vim.list_slice(TIERS)
  end
  candidates = vim.tbl_filter(function(candidate)
    return vim.startswith(candidate, lead)
  end, candidates)
  table.sort(candidates)
  return candidates
end

return M
