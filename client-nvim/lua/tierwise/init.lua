--- What users call from their own configuration.

local M = {}

--- A short text for the status line of the current window: what runs now, else today's spend and the top tier's share.
--- Empty where Tierwise does not serve the buffer.
---@return string
function M.statusline()
  return require('tierwise.status').statusline(vim.api.nvim_get_current_buf())
end

--- Carry out an action at the cursor, e.g. from a mapping.
---@param action string an action's id, e.g. `write_tests`
---@param options? tierwise.Asked `tier`, `instruction`, and `review`: 'always' or 'never'
function M.run(action, options)
  require('tierwise.asking').run(action, options or {}, { range = 0 })
end

--- A menu of everything that can be done at the cursor, with tier, model and price.
function M.menu()
  require('tierwise.asking').menu({ range = 0 })
end

--- End everything that runs now.
function M.cancel()
  require('tierwise.running').cancel()
end

return M
