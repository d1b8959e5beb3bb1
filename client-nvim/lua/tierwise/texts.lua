--- Texts as the protocol has them, in buffers.

local M = {}

--- The lines of a text and how they end.
---@param text string
---@return string[] lines
---@return boolean has_end whether the last line has its line break
---@return boolean is_dos whether all line breaks are CR LF
function M.lines(text)
  local _, n_dos = text:gsub('\r\n', '')
  local _, n_all = text:gsub('\n', '')
  local is_dos = 0 < n_all and n_dos == n_all
  local lines = vim.split(text, is_dos and '\r\n' or '\n', { plain = true })
  local has_end = lines[#lines] == '' and 1 < #lines
  if has_end then
    table.remove(lines)
  end
  return lines, has_end, is_dos
end

--- Replace all of a buffer, as one undo step.
---@param bufnr integer
---@param text string
function M.write(bufnr, text)
  local lines, has_end, is_dos = M.lines(text)
  vim.api.nvim_buf_set_lines(bufnr, 0, -1, false, lines)
  vim.bo[bufnr].endofline = has_end
  if vim.bo[bufnr].fileformat == 'dos' and not is_dos or is_dos then
    vim.bo[bufnr].fileformat = is_dos and 'dos' or 'unix'
  end
end

--- Whether a buffer has the lines of a text; no text has those of an empty one.
---@param bufnr integer
---@param text string?
---@return boolean
function M.says(bufnr, text)
  return vim.deep_equal(vim.api.nvim_buf_get_lines(bufnr, 0, -1, false), (M.lines(text or '')))
end

--- A buffer's text, with the line breaks of the text it came from. The last line ends as in the text it was taken from.
---@param bufnr integer
---@param before string
---@param after string
---@return string
function M.read(bufnr, before, after)
  local lines = vim.api.nvim_buf_get_lines(bufnr, 0, -1, false)
  local old, has_old_end, is_dos = M.lines(before)
  local new, has_new_end = M.lines(after)
  local has_end = has_old_end
  if lines[#lines] == new[#new] and lines[#lines] ~= old[#old] then
    has_end = has_new_end
  end
  local eol = is_dos and '\r\n' or '\n'
  return table.concat(lines, eol) .. (has_end and eol or '')
end

return M
