--- Proposals that were not applied, as a diff in a tab of their own: the file on the left, the proposal on the right.
--- Hunks are taken over with Neovim's own `do` and `dp`.

local server = require('tierwise.server')

local M = {}

---@class tierwise.Shown
---@field uri string
---@field before string?
---@field after string?
---@field bufnr integer the file's buffer
---@field proposed integer the proposal's buffer
---@field title string

---@type table<integer, tierwise.Shown> by tab page
local shown = {}

---@param text string
---@return string[] lines
---@return boolean has_end whether the last line has its line break
local function lines_of(text)
  local lines = vim.split(text, '\r?\n')
  local has_end = lines[#lines] == ''
  if has_end and #lines > 1 then
    table.remove(lines)
  end
  return lines, has_end
end

---@param bufnr integer
---@param text string?
---@return boolean
local function says(bufnr, text)
  return vim.deep_equal(vim.api.nvim_buf_get_lines(bufnr, 0, -1, false), (lines_of(text or '')))
end

---@param entry tierwise.Shown
local function fill_proposed(entry)
  local bufnr = entry.proposed
  vim.api.nvim_buf_set_lines(bufnr, 0, -1, false, (lines_of(entry.after or '')))
  vim.bo[bufnr].buftype = 'nofile'
  vim.bo[bufnr].bufhidden = 'wipe'
  vim.bo[bufnr].filetype = vim.bo[entry.bufnr].filetype
  vim.bo[bufnr].modified = false
  local name = ('tierwise://proposal/%d/%s'):format(bufnr, vim.fs.basename(vim.uri_to_fname(entry.uri)))
  vim.api.nvim_buf_set_name(bufnr, name)
end

---@param file { uri: string, before: string?, after: string? }
---@param title string
local function show_file(file, title)
  vim.cmd.tabnew({ args = { vim.fn.fnameescape(vim.uri_to_fname(file.uri)) } })
  local entry = {
    uri = file.uri,
    before = server.given(file.before),
    after = server.given(file.after),
    bufnr = vim.api.nvim_get_current_buf(),
    proposed = vim.api.nvim_create_buf(false, true),
    title = title,
  }
  fill_proposed(entry)
  vim.cmd.diffthis()
  local left = vim.api.nvim_get_current_win()
  local right = vim.api.nvim_open_win(entry.proposed, false, { split = 'right', win = left })
  vim.api.nvim_win_call(right, vim.cmd.diffthis)
  shown[vim.api.nvim_get_current_tabpage()] = entry
end

--- Show a proposal, one tab for each file.
---@param params { title: string, reason: string, files: table[] }
function M.show(params)
  for _, file in ipairs(params.files) do
    show_file(file, params.title)
  end
  local hint = 'do takes a hunk over, :Tierwise accept all of it, :Tierwise discard none'
  server.tell(('%s was not applied: %s. %s'):format(params.title, params.reason, hint), vim.log.levels.WARN)
end

--- The proposal of the current tab, nil where there is none.
---@return tierwise.Shown?
function M.current()
  return shown[vim.api.nvim_get_current_tabpage()]
end

---@param entry tierwise.Shown
local function write_to_buffer(entry)
  local lines, has_end = lines_of(entry.after or '')
  vim.api.nvim_buf_set_lines(entry.bufnr, 0, -1, false, lines)
  vim.bo[entry.bufnr].endofline = has_end
end

local function close()
  local tab = vim.api.nvim_get_current_tabpage()
  local entry = shown[tab]
  shown[tab] = nil
  vim.cmd.diffoff({ bang = true })
  if #vim.api.nvim_list_tabpages() > 1 then
    vim.cmd.tabclose()
  end
  if entry and vim.api.nvim_buf_is_valid(entry.proposed) then
    vim.api.nvim_buf_delete(entry.proposed, { force = true })
  end
end

--- Take over all of the current tab's proposal, as one undo step.
---@param is_forced boolean also when the file says something else by now than when the proposal was made
function M.accept(is_forced)
  local entry = M.current()
  if not entry then
    server.tell('no proposal is shown in this tab', vim.log.levels.WARN)
    return
  end
  if not is_forced and not says(entry.bufnr, entry.before) then
    local question = 'The text has changed since this proposal was made, and the changes would be lost. Take it over?'
    if vim.fn.confirm(question, '&Yes\n&No', 2) ~= 1 then
      return
    end
  end
  if entry.after == nil then
    local name = vim.uri_to_fname(entry.uri)
    if not is_forced and vim.fn.confirm(('Delete %s?'):format(name), '&Yes\n&No', 2) ~= 1 then
      return
    end
    close()
    vim.fn.delete(name)
    vim.api.nvim_buf_delete(entry.bufnr, { force = true })
    return
  end
  write_to_buffer(entry)
  close()
end

--- Leave the file as it is.
function M.discard()
  if M.current() then
    close()
  else
    server.tell('no proposal is shown in this tab', vim.log.levels.WARN)
  end
end

vim.api.nvim_create_autocmd('TabClosed', {
  group = vim.api.nvim_create_augroup('tierwise.proposal', {}),
  callback = function()
    for tab in pairs(shown) do
      if not vim.api.nvim_tabpage_is_valid(tab) then
        shown[tab] = nil
      end
    end
  end,
})

return M
