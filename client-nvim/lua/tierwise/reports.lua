--- Answers of the server as lines for people.

local given = require('tierwise.server').given

local M = {}

local PICO_USD = 1e12

---@param pico number?
---@return string
local function money(pico)
  if not pico then
    return 'unknown'
  end
  if pico == 0 then
    return '0 ¢'
  end
  return pico < PICO_USD and ('%.2f ¢'):format(100 * pico / PICO_USD) or ('$%.2f'):format(pico / PICO_USD)
end

---@param share number?
---@return string
local function percent(share)
  return share and ('%.0f %%'):format(100 * share) or '–'
end

---@param attempt table
---@return string
local function attempt_line(attempt)
  local words = { attempt.tier, attempt.model .. (attempt.scripted and ' (scripted)' or ''), attempt.outcome }
  local tokens = given(attempt.inputTokens)
  if tokens then
    table.insert(words, ('%d + %d tokens'):format(tokens, given(attempt.outputTokens) or 0))
  end
  vim.list_extend(words, { attempt.cost, ('%.1f s'):format(attempt.seconds) })
  if (given(attempt.detail) or '') ~= '' then
    table.insert(words, attempt.detail)
  end
  return '  ' .. table.concat(words, ' · ')
end

--- The last action: what came of it, who was asked, and why they.
---@param result table
---@return string[]
function M.why(result)
  local lines = { result.message }
  if next(result.attempts or {}) then
    vim.list_extend(lines, { '', 'Who was asked:' })
    vim.list_extend(lines, vim.tbl_map(attempt_line, result.attempts))
  end
  if next(result.reasons or {}) then
    vim.list_extend(lines, { '', 'Why:' })
    for _, reason in ipairs(result.reasons) do
      table.insert(lines, '  ' .. reason.words)
    end
  end
  for _, note in ipairs(result.notes or {}) do
    table.insert(lines, '  note: ' .. note)
  end
  return lines
end

--- The ledger's figures by tier.
---@param stats table
---@return string[]
function M.stats(stats)
  local since = given(stats.since)
  local total = stats.total or {}
  local lines = { since and ('since %s'):format(since) or 'since the ledger was begun', '' }
  table.insert(lines, ('%-8s %8s %8s %10s %8s %8s'):format('tier', 'calls', 'share', 'spent', 'share', 'passed'))
  for _, tier in ipairs({ 'native', 'local', 'bulk', 'top' }) do
    local calls = (stats.tiers or {})[tier]
    if calls and calls ~= vim.NIL then
      table.insert(
        lines,
        ('%-8s %8d %8s %10s %8s %8s'):format(
          tier,
          calls.nCalls or 0,
          percent(given(calls.shareOfCalls)),
          money(given(calls.picoUsd)),
          percent(given(calls.shareOfSpend)),
          percent(given(calls.passRate))
        )
      )
    end
  end
  table.insert(lines, ('%-8s %8d %8s %10s'):format('all', total.nCalls or 0, '', money(given(total.picoUsd))))
  if (total.nUnknownCost or 0) > 0 then
    table.insert(lines, ('%d calls of unknown price are not in these sums'):format(total.nUnknownCost))
  end
  vim.list_extend(lines, stats.notices or {})
  return lines
end

---@param lines string[]
---@param name string
---@param tier table
local function add_tier(lines, name, tier)
  table.insert(lines, ('%s: %s'):format(name, tier.isReady and 'ready' or tier.isEnabled and 'not ready' or 'off'))
  for _, model in ipairs(tier.models or {}) do
    local words = given(model.words) or ''
    table.insert(lines, ('  %s · %s%s'):format(model.ref, model.availability, words ~= '' and ' · ' .. words or ''))
    local fix = given(model.fix) or ''
    if fix ~= '' then
      table.insert(lines, '    ' .. fix)
    end
  end
end

--- What can be reached, and what would mend the rest.
---@param report table
---@return string[]
function M.doctor(report)
  local lines = {}
  for _, name in ipairs({ 'local', 'bulk', 'top' }) do
    local tier = (report.tiers or {})[name]
    if tier then
      add_tier(lines, name, tier)
    end
  end
  for _, finding in ipairs(report.tools or {}) do
    local words = given(finding.words) or ''
    local found = given(finding.found) or ''
    table.insert(lines, ('%s: %s'):format(finding.name, vim.trim(found .. ' ' .. words)))
  end
  for _, problem in ipairs((report.configuration or {}).problems or {}) do
    table.insert(lines, 'configuration: ' .. (given(problem.words) or vim.inspect(problem)))
  end
  if next(report.fixes or {}) then
    vim.list_extend(lines, { '', 'What would help:' })
    for _, fix in ipairs(report.fixes) do
      table.insert(lines, '  ' .. fix)
    end
  end
  return lines
end

--- What an action would send.
---@param answer table
---@return string[]
function M.preview(answer)
  return vim.split(given(answer.text) or given(answer.message) or '', '\n')
end

---@param lines string[]
---@param period string
---@param budget table?
local function add_budget(lines, period, budget)
  local words = budget and given(budget.words)
  if words then
    table.insert(lines, ('%s: %s'):format(period, words))
  end
end

--- Everything the server has said of today: money by tier, what is left, what runs.
---@param figures table
---@return string[]
function M.status(figures)
  local share = given(figures.topShare)
  local lines = { ('spent today: %s'):format(given(figures.spentToday) or 'unknown') }
  if share then
    lines[1] = ('%s, %s of it by the top tier'):format(lines[1], percent(share))
  end
  for _, name in ipairs({ 'local', 'bulk', 'top' }) do
    local tier = figures.tiers and figures.tiers[name]
    if tier then
      local spent = given(tier.spentToday)
      local words = ('  %s: %s, %s'):format(name, given(tier.model) or 'no model', tier.state)
      table.insert(lines, spent and ('%s · %s in %d calls'):format(words, spent, given(tier.callsToday) or 0) or words)
    end
  end
  local budgets = given(figures.budgets) or {}
  add_budget(lines, 'day', given(budgets.day))
  add_budget(lines, 'month', given(budgets.month))
  local cache = given(figures.cache)
  if cache and 0 < (given(cache.hitsToday) or 0) then
    table.insert(lines, ('answered from the cache: %d, sparing %s'):format(cache.hitsToday, cache.sparedToday))
  end
  local tripwire = given(figures.tripwire) or {}
  table.insert(lines, ('tripwire: %s'):format(given(tripwire.state) or 'off'))
  vim.list_extend(lines, given(tripwire.raised) or {})
  for _, call in ipairs(figures.calls or {}) do
    table.insert(lines, ('running: %s on %s (%s), %.0f s'):format(call.action, call.model, call.tier, call.seconds))
  end
  return lines
end

--- Which model stands on each tier.
---@param figures table?
---@param chosen string
---@return string[]
function M.tiers(figures, chosen)
  local lines = { ('tier for :Tierwise commands: %s'):format(chosen) }
  for _, name in ipairs({ 'local', 'bulk', 'top' }) do
    local tier = figures and figures.tiers and figures.tiers[name]
    if tier then
      table.insert(lines, ('  %s: %s, %s'):format(name, given(tier.model) or 'no model', tier.state))
    end
  end
  return lines
end

return M
