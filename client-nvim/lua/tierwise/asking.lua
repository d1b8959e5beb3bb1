--- Actions begun from the command line: which one, on what, by which tier, and whether its result is looked at first.

local place = require('tierwise.place')
local server = require('tierwise.server')

local M = {}

---@class tierwise.Asked
---@field tier? string
---@field instruction? string
---@field review? 'always'|'never' whether the result is shown before it is applied; by default with several files

---@type table<string, true>
local NEEDS_INSTRUCTION = { ['do'] = true, refactor_across_files = true }

---@param client vim.lsp.Client
---@param bufnr integer
---@param range lsp.Range
---@param arguments table
---@return boolean whether there is something to fix
local function add_diagnostic(client, bufnr, range, arguments)
  local found = place.diagnostics(client, bufnr, range)
  if not found[1] then
    server.tell('no tool reports a problem here', vim.log.levels.WARN)
    return false
  end
  arguments.diagnostics = { found[1] }
  arguments.range = found[1].range
  return true
end

--- The arguments of an action on the current buffer; nil after the user was told why there are none.
---@param action string
---@param asked tierwise.Asked
---@param options tierwise.Options
---@return table?
---@return vim.lsp.Client?
---@return integer? bufnr
function M.arguments(action, asked, options)
  local bufnr = vim.api.nvim_get_current_buf()
  local client = server.client(bufnr)
  if not client then
    return nil
  end
  local range = place.range(client, bufnr, options)
  local arguments = {
    action = action,
    uri = vim.uri_from_bufnr(bufnr),
    range = range,
    version = vim.lsp.util.buf_versions[bufnr],
    instruction = asked.instruction,
    tier = asked.tier or vim.g.tierwise_tier,
    review = asked.review,
  }
  if action == 'fix_diagnostic' and not add_diagnostic(client, bufnr, range, arguments) then
    return nil
  end
  return arguments, client, bufnr
end

--- Run an action on the current buffer.
---@param action string
---@param asked tierwise.Asked
---@param options tierwise.Options
function M.run(action, asked, options)
  local arguments, client, bufnr = M.arguments(action, asked, options)
  if arguments then
    local start = NEEDS_INSTRUCTION[action] and not asked.instruction and 'start_with_instruction' or 'start'
    require('tierwise.running')[start](client, arguments, bufnr)
  end
end

--- What an action would send, and where to, in a window; nothing is sent.
---@param action string
---@param asked tierwise.Asked
---@param options tierwise.Options
function M.preview(action, asked, options)
  local arguments, client = M.arguments(action, asked, options)
  if arguments then
    server.ask(client, 'tierwise.preview', arguments, function(answer)
      require('tierwise.window').show('preview', require('tierwise.reports').preview(answer))
    end)
  end
end

--- A menu of everything that can be done at the cursor, with tier, model and price.
---@param options tierwise.Options
function M.menu(options)
  local bufnr = vim.api.nvim_get_current_buf()
  local client = server.client(bufnr)
  if not client then
    return
  end
  local range = place.range(client, bufnr, options)
  local asked = {
    uri = vim.uri_from_bufnr(bufnr),
    range = range,
    diagnostics = place.diagnostics(client, bufnr, range),
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
        local arguments = vim.tbl_extend('force', offer.arguments, { review = options.bang and 'always' or nil })
        require('tierwise.running')[start](client, arguments, bufnr)
      end
    end)
  end)
end

return M
