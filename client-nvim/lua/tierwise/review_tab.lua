--- One file of a change that is looked at, in a tab of its own.
---
--- On the left stands what will be applied so far, at first the text as it is; on the right the proposal. `do` takes a
--- hunk over to the left, `:write` accepts: what was picked, or everything where nothing was. Leaving a tab refuses.

local server = require('tierwise.server')
local texts = require('tierwise.texts')

local M = {}
local n_shown = 0

---@class tierwise.ReviewedFile
---@field uri string
---@field before string? nil for a new file
---@field after string? nil for one that goes away
---@field partner string? the other half of a move
---@field chosen integer the left buffer
---@field proposed integer the right buffer
---@field tab integer
---@field decision? 'accepted'|'refused'
---@field text? string what was accepted, where it is not all of it

--- Open the tab of one file, which becomes the current one.
---@param shown { uri: string, before: string?, after: string?, question: string?, movesWith: string? }
---@param number string which of the files it is
---@param chosen_text? string what stands on the left where it is not the text as it is
---@return tierwise.ReviewedFile
function M.open(shown, number, chosen_text)
  local path = vim.uri_to_fname(shown.uri)
  local before, after = server.given(shown.before), server.given(shown.after)
  local short = vim.fn.fnamemodify(path, ':~:.')
  n_shown = n_shown + 1
  local name = ('tierwise://review/%d/%%s/%s'):format(n_shown, short:gsub('%%', '%%%%'))
  local what = server.given(shown.question) or short
  local help = 'do takes a hunk, :w accepts, :q! refuses'
  local left = {
    name = name:format('chosen'),
    text = before,
    head = ('%s (%s): %s'):format(what, number, help),
  }
  local right = {
    name = name:format('proposed'),
    text = after,
    head = after == nil and 'proposed: no such file' or 'proposed',
  }
  local chosen, proposed = require('tierwise.diffs').open(path, left, right, 'acwrite')
  if chosen_text then
    texts.write(chosen, chosen_text)
    vim.cmd.diffupdate()
  end
  vim.bo[proposed].modifiable = false
  vim.keymap.set('n', '<Plug>(tierwise-hunk)', 'do]c', { buffer = chosen, desc = 'Take this hunk and go to the next' })
  return {
    uri = shown.uri,
    before = before,
    after = after,
    partner = server.given(shown.movesWith),
    chosen = chosen,
    proposed = proposed,
    tab = vim.api.nvim_get_current_tabpage(),
  }
end

--- Call back when the user accepts by writing, or refuses by leaving; only as long as the file is not decided.
---@param file tierwise.ReviewedFile
---@param on_write fun()
---@param on_leave fun()
function M.watch(file, on_write, on_leave)
  for event, act in pairs({ BufWriteCmd = on_write, BufWipeout = on_leave }) do
    for _, bufnr in ipairs({ file.chosen, file.proposed }) do
      vim.api.nvim_create_autocmd(event, {
        buffer = bufnr,
        callback = function()
          if not file.decision then
            act()
          end
        end,
      })
    end
  end
end

--- What of a file is accepted: the text on the left where the user chose, nil for all of the proposal.
---@param file tierwise.ReviewedFile
---@return string?
function M.choice(file)
  for _, bufnr in ipairs({ file.chosen, file.proposed }) do
    vim.bo[bufnr].modified = false
  end
  local is_untouched = texts.says(file.chosen, file.before)
  if is_untouched or file.after == nil or texts.says(file.chosen, file.after) then
    return nil
  end
  return texts.read(file.chosen, file.before or file.after, file.after)
end

--- Close the tab and forget what stands in it.
---@param file tierwise.ReviewedFile
function M.close(file)
  if vim.api.nvim_tabpage_is_valid(file.tab) and 1 < #vim.api.nvim_list_tabpages() then
    vim.cmd.tabclose({ vim.api.nvim_tabpage_get_number(file.tab), bang = true })
  end
  for _, bufnr in ipairs({ file.chosen, file.proposed }) do
    if vim.api.nvim_buf_is_valid(bufnr) then
      vim.api.nvim_buf_delete(bufnr, { force = true })
    end
  end
end

return M
