--- A change that is looked at before it is applied, one tab for each file, in Neovim's own diff mode.
---
--- Nothing touches the files' own buffers: the server checks what was accepted and applies it, against the texts as they
--- are by then. What does not stand by itself is asked about.

local server = require('tierwise.server')
local tabs = require('tierwise.review_tab')

local M = {}

---@class tierwise.Review
---@field client_id integer
---@field proposal table what the server sent
---@field files tierwise.ReviewedFile[]
---@field origin integer the window the user came from
---@field is_lost? boolean whether the server that asked has ended

---@type tierwise.Review[]
local reviews = {}
--- Proposals that came while the user was typing.
---@type { client_id: integer, proposal: table }[]
local waiting = {}

--- The file of a buffer or of a tab that waits for a decision.
---@param is_it fun(file: tierwise.ReviewedFile): boolean
---@return tierwise.ReviewedFile?
---@return tierwise.Review?
local function find(is_it)
  for _, review in ipairs(reviews) do
    for _, file in ipairs(review.files) do
      if not file.decision and is_it(file) then
        return file, review
      end
    end
  end
end

--- The file shown in the current tab, nil where there is none.
---@return tierwise.ReviewedFile?
---@return tierwise.Review?
function M.current()
  local tab = vim.api.nvim_get_current_tabpage()
  return find(function(file)
    return file.tab == tab
  end)
end

---@param review tierwise.Review
---@param accepted table[]
---@param is_forced boolean
local function answer(review, accepted, is_forced)
  local client = vim.lsp.get_client_by_id(review.client_id)
  if not client then
    return
  end
  local command = accepted[1] and 'tierwise.accept' or 'tierwise.dismiss'
  local arguments = { id = review.proposal.id, accepted = accepted, force = is_forced }
  server.ask(client, command, arguments, function(result)
    if result.status ~= 'refused' then
      require('tierwise.running').finished(result)
    elseif not result.canForce then
      server.tell(result.message, vim.log.levels.WARN)
    elseif vim.fn.confirm(result.message, '&Apply anyway\n&Go back', 2) == 1 then
      answer(review, accepted, true)
      return
    end
    if result.status == 'refused' and result.code ~= 'no-proposal' then
      M.open(review.proposal, review.client_id, review.files)
    end
  end)
end

--- Every file is decided: tell the server.
---@param review tierwise.Review
local function settle(review)
  reviews = vim.tbl_filter(function(one)
    return one ~= review
  end, reviews)
  if vim.api.nvim_win_is_valid(review.origin) then
    vim.api.nvim_set_current_win(review.origin)
  end
  local accepted = {}
  for _, file in ipairs(review.files) do
    if file.decision == 'accepted' then
      table.insert(accepted, { uri = file.uri, text = file.text })
    end
  end
  answer(review, accepted, false)
end

---@param file tierwise.ReviewedFile
---@param review tierwise.Review
---@param decision 'accepted'|'refused'
local function decide(file, review, decision)
  file.decision = decision
  -- A file that is moved goes and comes together.
  for _, other in ipairs(review.files) do
    if other.uri == file.partner and not other.decision then
      decide(other, review, decision)
    end
  end
  -- Windows cannot be closed by the very command that writes or leaves them.
  vim.schedule(function()
    tabs.close(file)
    local is_decided = vim.iter(review.files):all(function(one)
      return one.decision ~= nil
    end)
    if is_decided and vim.list_contains(reviews, review) then
      settle(review)
    end
  end)
end

---@param file tierwise.ReviewedFile
---@param review tierwise.Review
local function accept(file, review)
  if review.is_lost then
    server.tell('the server has ended, so this can no longer be applied; copy what you need', vim.log.levels.WARN)
    return
  end
  file.text = tabs.choice(file)
  decide(file, review, 'accepted')
end

--- Open a tab for each file of a proposal; the first one is the current tab, unless another proposal is looked at.
---@param proposal table
---@param client_id integer
---@param chosen? tierwise.ReviewedFile[] what the user had chosen when it was shown before
function M.open(proposal, client_id, chosen)
  local _, shown = M.current()
  local here = vim.api.nvim_get_current_tabpage()
  local origin = shown and shown.origin or vim.api.nvim_get_current_win()
  local review = { client_id = client_id, proposal = proposal, files = {}, origin = origin }
  table.insert(reviews, review)
  for number, file in ipairs(proposal.files) do
    local earlier = vim.iter(chosen or {}):find(function(one)
      return one.uri == file.uri
    end)
    local one = tabs.open(file, ('%d of %d'):format(number, #proposal.files), earlier and earlier.text)
    table.insert(review.files, one)
    tabs.watch(one, function()
      accept(one, review)
    end, function()
      decide(one, review, 'refused')
    end)
  end
  -- What is looked at is not taken away: a :write that was meant for it would accept the other one.
  vim.api.nvim_set_current_tabpage(shown and here or review.files[1].tab)
end

---@param proposal table
---@param client_id integer
local function show_all(proposal, client_id)
  M.open(proposal, client_id)
  local is_preview = proposal.code == 'preview' or proposal.code == 'needs-consent'
  local what = is_preview and '%s: %s' or '%s was not applied: %s'
  local words = { what:format(proposal.title, proposal.reason), 'accept with :write or :Tierwise accept' }
  vim.list_extend(words, server.given(proposal.notes) or {})
  server.tell(table.concat(words, '; '), is_preview and vim.log.levels.INFO or vim.log.levels.WARN)
end

--- Show what waited for the user to stop typing, if they have.
---@return boolean? true: this need not be called again
local function show_waiting()
  if vim.api.nvim_get_mode().mode ~= 'n' then
    return nil
  end
  local all = waiting
  waiting = {}
  vim.schedule(function()
    for _, one in ipairs(all) do
      show_all(one.proposal, one.client_id)
    end
  end)
  return true
end

--- Handles `tierwise/proposal`: at once in Normal mode; keys that are being typed are never meant for another window.
---@param proposal table
---@param client_id integer
function M.receive(proposal, client_id)
  if vim.api.nvim_get_mode().mode == 'n' then
    show_all(proposal, client_id)
    return
  end
  table.insert(waiting, { proposal = proposal, client_id = client_id })
  server.tell(('%s: %s; it is shown once you are in Normal mode'):format(proposal.title, proposal.reason))
  -- The end of a prompt is no change of the mode.
  vim.api.nvim_create_autocmd({ 'ModeChanged', 'SafeState' }, {
    group = vim.api.nvim_create_augroup('tierwise.review', {}),
    callback = show_waiting,
  })
end

--- Handles `tierwise/closed`: another answer has taken the place of a proposal.
---@param id string
---@param client_id integer
function M.close(id, client_id)
  local function is_it(one)
    return one.proposal.id == id and one.client_id == client_id
  end
  waiting = vim.iter(waiting):filter(function(one)
    return not is_it(one)
  end):totable()
  for _, review in ipairs(vim.iter(reviews):filter(is_it):totable()) do
    reviews = vim.tbl_filter(function(one)
      return one ~= review
    end, reviews)
    for _, file in ipairs(review.files) do
      if not file.decision then
        decide(file, review, 'refused')
      end
    end
  end
end

---@param decision fun(file: tierwise.ReviewedFile, review: tierwise.Review)
---@param is_all boolean
local function each(decision, is_all)
  local file, review = M.current()
  if not file or not review then
    server.tell('no proposal is shown in this tab', vim.log.levels.WARN)
    return
  end
  for _, one in ipairs(is_all and review.files or { file }) do
    if not one.decision then
      decision(one, review)
    end
  end
end

--- Accept what stands of the current tab's file, or of all files of its change.
---@param is_all boolean
function M.accept(is_all)
  each(accept, is_all)
end

--- Refuse the current tab's file, or all files of its change.
---@param is_all boolean
function M.discard(is_all)
  each(function(file, review)
    decide(file, review, 'refused')
  end, is_all)
end

--- Refuse whatever waits to be looked at.
---@return boolean whether there was anything
function M.discard_all()
  local was_there = next(reviews) ~= nil or next(waiting) ~= nil
  for _, one in ipairs(waiting) do
    answer({ client_id = one.client_id, proposal = one.proposal, files = {} }, {}, false)
  end
  waiting = {}
  for _, review in ipairs(vim.list_slice(reviews)) do
    for _, file in ipairs(review.files) do
      if not file.decision then
        decide(file, review, 'refused')
      end
    end
  end
  return was_there
end

--- A server ended: what it proposed stays on the screen, but can no longer be applied.
---@param client_id integer
function M.forget(client_id)
  waiting = vim.tbl_filter(function(one)
    return one.client_id ~= client_id
  end, waiting)
  for _, review in ipairs(reviews) do
    if review.client_id == client_id then
      review.is_lost = true
      local words = 'the server ended before the change was accepted, so nothing of it was applied'
      server.tell(words .. '; it stays to be looked at', vim.log.levels.WARN)
    end
  end
end

return M
