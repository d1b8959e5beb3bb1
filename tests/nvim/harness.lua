-- What every scenario gets, and the frame that runs one. Called as
--   nvim --clean --headless --cmd 'let g:case = …' -c 'luafile harness.lua'
-- with g:case = { scenario = path, project = path, command = the server's }.

local case = vim.g.case
local t = { project = case.project, arguments = case.arguments or {} }

local PATIENCE_MS = 90000

--- Messages shown to the user, oldest first.
t.messages = {}
vim.notify = function(words)
  table.insert(t.messages, words)
end

-- What the server says; Neovim 0.11 shows it without that function.
local show_message = vim.lsp.handlers['window/showMessage']
vim.lsp.handlers['window/showMessage'] = function(err, params, context)
  table.insert(t.messages, params.message)
  return show_message(err, params, context)
end

--- Outcomes of actions, oldest first.
t.outcomes = {}
vim.api.nvim_create_autocmd('User', {
  pattern = 'TierwiseDone',
  callback = function(event)
    table.insert(t.outcomes, event.data)
  end,
})

--- Progress of the server as `kind: message`.
t.progress = {}
vim.api.nvim_create_autocmd('LspProgress', {
  callback = function(event)
    local value = event.data.params.value
    table.insert(t.progress, ('%s: %s'):format(value.kind, value.message or value.title))
  end,
})

function t.fail(words)
  error(words .. '\nmessages: ' .. vim.inspect(t.messages), 3)
end

function t.equal(found, expected, what)
  if not vim.deep_equal(found, expected) then
    t.fail(('%s\nfound: %s\nexpected: %s'):format(what or 'not equal', vim.inspect(found), vim.inspect(expected)))
  end
end

function t.matches(text, pattern)
  if type(text) ~= 'string' or not text:find(pattern) then
    t.fail(('%s does not match %s'):format(vim.inspect(text), vim.inspect(pattern)))
  end
end

--- The first of some texts that matches; fails when there is none.
function t.one_of(texts, pattern)
  for _, text in ipairs(texts) do
    if text:find(pattern) then
      return text
    end
  end
  t.fail(('none matches %s: %s'):format(vim.inspect(pattern), vim.inspect(texts)))
end

--- Run the event loop until something holds.
function t.wait(what, holds)
  if not vim.wait(PATIENCE_MS, holds, 10) then
    t.fail('waited in vain for ' .. what)
  end
end

--- Open a file of the project and wait until the server has it.
function t.open(name)
  vim.cmd.edit(t.project .. '/' .. name)
  t.wait('the server', function()
    local client = vim.lsp.get_clients({ bufnr = 0, name = 'tierwise' })[1]
    t.client = client
    return client ~= nil and client.initialized == true
  end)
end

function t.lines()
  return vim.api.nvim_buf_get_lines(0, 0, -1, false)
end

function t.text()
  return table.concat(t.lines(), '\n') .. '\n'
end

--- Put the cursor on the first place that has these words.
function t.cursor(words)
  for number, line in ipairs(t.lines()) do
    local column = line:find(words, 1, true)
    if column then
      vim.api.nvim_win_set_cursor(0, { number, column - 1 })
      return
    end
  end
  t.fail('the buffer does not have ' .. words)
end

--- The titles of the code actions at the cursor, as the editor's own request finds them.
function t.titles()
  local params = vim.lsp.util.make_range_params(0, t.client.offset_encoding)
  params.context = { diagnostics = {}, triggerKind = 1 }
  local answer = t.client:request_sync('textDocument/codeAction', params, PATIENCE_MS, 0)
  if not answer or answer.err then
    t.fail('no code actions: ' .. vim.inspect(answer))
  end
  return vim.tbl_map(function(action)
    return action.title
  end, answer.result or {})
end

--- Choose the code action whose title starts so, through the editor's own menu.
function t.choose(title)
  vim.lsp.buf.code_action({
    apply = true,
    filter = function(action)
      return vim.startswith(action.title, title)
    end,
  })
end

--- Wait for the next outcome.
function t.outcome()
  local n_seen = t.n_seen or 0
  t.wait('an outcome', function()
    return n_seen < #t.outcomes
  end)
  t.n_seen = n_seen + 1
  return t.outcomes[t.n_seen]
end

--- Wait until a report of progress has these words.
function t.reported(pattern)
  t.wait('a report of progress', function()
    return vim.iter(t.progress):any(function(words)
      return words:find(pattern) ~= nil
    end)
  end)
end

--- The cursor on a function, an action on it begun by command, and its model asked.
function t.begin(target, command)
  t.cursor('def ' .. target)
  vim.cmd('Tierwise ' .. command)
  t.reported('^report: ')
end

--- Nothing has changed, and nothing runs any more.
function t.at_rest(before)
  t.equal(t.text(), before)
  t.equal(require('tierwise.running').count(), 0)
end

function t.undo()
  vim.cmd('silent undo')
end

function t.redo()
  vim.cmd('silent redo')
end

vim.lsp.config('tierwise', { cmd = case.command })
vim.lsp.enable('tierwise')

local is_good, trouble = xpcall(function()
  dofile(case.scenario)(t)
end, debug.traceback)
if not is_good then
  io.stderr:write(trouble .. '\n')
end
for _, client in ipairs(vim.lsp.get_clients()) do
  client:stop()
end
local is_over = vim.wait(10000, function()
  return #vim.lsp.get_clients() == 0
end, 10)
if not is_over then
  io.stderr:write('the server did not end\n')
end
vim.cmd(is_good and is_over and 'qall!' or 'cquit 1')
