--- What the server says of itself: spend, tiers, and what it is doing.

local server = require('tierwise.server')

local M = {}

---@type table<integer, table> what `tierwise/status` said last, by client
local figures = {}
---@type table<integer, table<string, { words: string, since: integer }>> what runs, by client and progress token
local doing = {}

--- The server sent its figures.
---@param params table
---@param client_id integer
function M.received(params, client_id)
  figures[client_id] = params
  vim.api.nvim_exec_autocmds('User', { pattern = 'TierwiseStatus', modeline = false, data = params })
  vim.cmd.redrawstatus({ bang = true })
end

--- The server reported progress.
---@param client_id integer
---@param params table
function M.progressed(client_id, params)
  local value = params.value
  if type(value) ~= 'table' then
    return
  end
  require('tierwise.progress').show(client_id, params.token, value)
  local now = doing[client_id] or {}
  doing[client_id] = now
  local token = tostring(params.token)
  if value.kind == 'end' then
    now[token] = nil
  else
    local known = now[token] or { since = vim.uv.now() }
    known.words = value.message or known.words or value.title or 'working'
    now[token] = known
  end
  vim.cmd.redrawstatus({ bang = true })
end

--- What the server said last, nil before it said anything.
---@param client_id integer
---@return table?
function M.figures(client_id)
  return figures[client_id]
end

--- A server ended.
---@param client_id integer
function M.forget(client_id)
  for token in pairs(doing[client_id] or {}) do
    require('tierwise.progress').show(client_id, token, { kind = 'end', message = 'the server ended' })
  end
  figures[client_id], doing[client_id] = nil, nil
  vim.cmd.redrawstatus({ bang = true })
end

---@param said table
---@return string?
local function spent_words(said)
  local spent = server.given(said.spentToday)
  local today = server.given(said.budgets) and server.given(said.budgets.day)
  local is_over = today and (today.isUsedUp or today.isOverSoft)
  return spent and (is_over and spent .. '!' or spent)
end

---@param said table
---@return string?
local function share_words(said)
  local share = server.given(said.topShare)
  return share and ('top %.0f %%'):format(100 * share) or nil
end

---@param said table
---@return string?
local function tripwire_words(said)
  local tripwire = server.given(said.tripwire)
  return tripwire and tripwire.state == 'alert' and 'a model got worse' or nil
end

--- The oldest of what runs, with its seconds, and how many there are besides.
---@param now table<string, { words: string, since: integer }>
---@return string?
local function doing_words(now)
  local entries = vim.tbl_values(now)
  if not entries[1] then
    return nil
  end
  table.sort(entries, function(a, b)
    return a.since < b.since
  end)
  local seconds = math.floor((vim.uv.now() - entries[1].since) / 1000)
  local words = ('%s · %d s'):format(entries[1].words, seconds)
  return #entries == 1 and words or ('%s, and %d more'):format(words, #entries - 1)
end

--- A short text for a buffer's status line; a literal percent sign is doubled, as the option wants it. Only what was
--- received before is looked at, so it may be drawn as often as Neovim likes.
---@param bufnr integer
---@return string
function M.statusline(bufnr)
  local client = vim.lsp.get_clients({ bufnr = bufnr, name = server.name })[1]
  if not client then
    return ''
  end
  local said = figures[client.id] or {}
  local parts = { doing_words(doing[client.id] or {}) or spent_words(said) or '' }
  vim.list_extend(parts, doing[client.id] and next(doing[client.id]) and {} or { share_words(said) })
  vim.list_extend(parts, { tripwire_words(said) })
  return (('tierwise %s'):format(table.concat(parts, ' · ')):gsub('%s+$', ''):gsub('%%', '%%%%'))
end

return M
