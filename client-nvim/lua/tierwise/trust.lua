--- Which folders the user trusts. An untrusted folder's own programs and settings are not used.

local server = require('tierwise.server')

local M = {}

---@param path string
---@return string?
local function real(path)
  return vim.uv.fs_realpath(vim.fs.normalize(path))
end

--- Whether `vim.g.tierwise_trusted_roots` names exactly this folder, links followed. The server has a list of its own
--- besides, which `:Tierwise trust` writes.
---@param root string?
---@return boolean
function M.is_trusted(root)
  local listed = vim.g.tierwise_trusted_roots
  local wanted = root and real(root)
  if type(listed) ~= 'table' or not wanted then
    return false
  end
  for _, path in ipairs(listed) do
    if type(path) == 'string' and real(path) == wanted then
      return true
    end
  end
  return false
end

--- The command line that trusts a folder: the server's own, with other words after the program.
---@param client vim.lsp.Client
---@param verb string
---@return string[]?
local function command_line(client, verb)
  local command = client.config.cmd
  if type(command) ~= 'table' then
    return nil
  end
  local start = {}
  for _, word in ipairs(command) do
    if word == 'serve' then
      break
    end
    table.insert(start, word)
  end
  return vim.list_extend(start, { 'config', verb, '--root', client.root_dir })
end

--- Put the root of the current buffer's server on the server's list, or take it off, after the user agreed.
---@param verb 'trust'|'untrust'
function M.change(verb)
  local client = server.any_client()
  local command = client and client.root_dir and command_line(client, verb)
  if not client or not command then
    return
  end
  local question = ('Trust %s? Its own tools will be run and its .tierwise.toml obeyed.'):format(client.root_dir)
  if verb == 'trust' and vim.fn.confirm(question, '&Yes\n&No', 2) ~= 1 then
    return
  end
  local function done(ended)
    if ended.code ~= 0 then
      server.tell(vim.trim(ended.stderr .. ended.stdout), vim.log.levels.ERROR)
      return
    end
    server.tell(vim.trim(ended.stdout))
    require('tierwise.restart').restart(client)
  end
  vim.system(command, { text = true }, vim.schedule_wrap(done))
end

return M
