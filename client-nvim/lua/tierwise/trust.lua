--- Which folders the user trusts. An untrusted folder's own programs and settings are not used.

local server = require('tierwise.server')

local M = {}

local SETTINGS = '.tierwise.toml'

--- Folders the user was asked about since their settings changed.
---@type table<string, true>
local asked = {}

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

---@param command string[]
---@param client vim.lsp.Client
local function write_list(command, client)
  vim.system(command, { text = true }, vim.schedule_wrap(function(ended)
    if ended.code ~= 0 then
      server.tell(vim.trim(ended.stderr .. ended.stdout), vim.log.levels.ERROR)
      return
    end
    server.tell(vim.trim(ended.stdout))
    require('tierwise.restart').restart(client)
  end))
end

---@param root string
---@return boolean
local function has_settings(root)
  return vim.uv.fs_lstat(vim.fs.joinpath(root, SETTINGS)) ~= nil
end

--- Ask whether to trust a folder; its settings can be read first.
---@param root string
---@param why string
---@return boolean
local function agrees(root, why)
  local buttons = has_settings(root) and '&Yes\n&No\n&Read the settings first' or '&Yes\n&No'
  local question = ('%sTrust %s? Its own tools will be run and its %s obeyed.'):format(why, root, SETTINGS)
  local answer = vim.fn.confirm(question, buttons, 2)
  if answer == 3 then
    vim.cmd.split({ vim.fn.fnameescape(vim.fs.joinpath(root, SETTINGS)) })
  end
  return answer == 1
end

--- Put the root of the current buffer's server on the server's list, or take it off, after the user agreed.
---@param verb 'trust'|'untrust'
function M.change(verb)
  local client = server.any_client()
  local command = client and client.root_dir and command_line(client, verb)
  if not client or not command then
    return
  end
  if verb == 'untrust' or agrees(client.root_dir, '') then
    write_list(command, client)
  end
end

---@param client vim.lsp.Client
---@param folder { path: string, standing: string }
local function ask_again(client, folder)
  if folder.standing ~= 'changed' or asked[folder.path] then
    return
  end
  asked[folder.path] = true
  local command = command_line(client, 'trust')
  local why = ('%s is not as it was when you trusted it. '):format(SETTINGS)
  if command and agrees(folder.path, why) then
    write_list(command, client)
  else
    local help = "':Tierwise trust' trusts it again"
    server.tell(('%s is not trusted as it is now; %s'):format(folder.path, help), vim.log.levels.WARN)
  end
end

--- Ask the server how its folders stand, now and whenever their settings are written, and the user about those whose
--- settings are no longer the ones that were agreed to.
---@param client vim.lsp.Client
function M.look(client)
  local function look()
    if not client:is_stopped() then
      server.ask(client, 'tierwise.trust', nil, function(answer)
        for _, folder in ipairs(answer.folders or {}) do
          ask_again(client, folder)
        end
      end)
    end
  end
  vim.schedule(look)
  vim.api.nvim_create_autocmd('BufWritePost', {
    group = vim.api.nvim_create_augroup(('tierwise.trust.%d'):format(client.id), {}),
    pattern = SETTINGS,
    callback = function(event)
      asked[client.root_dir or ''] = nil
      asked[vim.fs.dirname(vim.uv.fs_realpath(event.file) or event.file)] = nil
      look()
    end,
  })
end

return M
