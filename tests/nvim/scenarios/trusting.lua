-- `:Tierwise trust` asks and writes the server's list; settings that change are asked about again.
return function(t)
  local answer, questions = 2, {}
  vim.fn.confirm = function(question, buttons)
    table.insert(questions, { question, buttons })
    return answer
  end
  local settings = t.project .. '/.tierwise.toml'
  local marker = t.project .. '/ran'

  --- Do something that starts the server again, and wait for it.
  local function restarted(act)
    local first = t.client.id
    act()
    t.wait('the new server', function()
      t.client = vim.lsp.get_clients({ bufnr = 0, name = 'tierwise' })[1]
      return t.client ~= nil and t.client.id ~= first and t.client.initialized == true
    end)
  end
  local function runs_tools()
    vim.fn.delete(marker)
    vim.cmd('Tierwise! format')
    t.equal(t.outcome().status, 'proposed')
    vim.cmd('Tierwise discard')
    t.equal(t.outcome().status, 'discarded')
    return vim.uv.fs_stat(marker) ~= nil
  end

  -- Through a link, trust is for the folder it leads to.
  local link = vim.fs.dirname(t.project) .. '/link'
  vim.uv.fs_symlink(t.project, link)
  vim.cmd.cd(link)
  local project = t.project
  t.project = link
  t.open('unitkit/sizes.py')
  vim.cmd('Tierwise trust')
  t.equal(t.messages, {}, 'nothing happens without a yes')
  t.equal(#questions, 1)
  t.equal(questions[1][2], '&Yes\n&No')
  t.equal(runs_tools(), false)
  answer = 1
  restarted(function()
    vim.cmd('Tierwise trust')
  end)
  t.one_of(t.messages, 'is trusted until its .tierwise.toml changes')
  t.equal(runs_tools(), true)
  t.equal(#questions, 2, 'nothing is asked of a folder that is trusted')

  -- The settings change: they are not obeyed, and the user is asked.
  answer = 2
  vim.fn.writefile({ '[tiers.top]', 'enabled = false' }, settings)
  restarted(function()
    vim.cmd('Tierwise restart')
  end)
  t.wait('the question', function()
    return #questions == 3
  end)
  t.matches(questions[3][1], '^.tierwise.toml is not as it was when you trusted it. Trust ')
  t.equal(questions[3][2], '&Yes\n&No\n&Read the settings first')
  t.one_of(t.messages, "not trusted as it is now; ':Tierwise trust' trusts it again")
  t.equal(runs_tools(), false)
  vim.cmd('checkhealth tierwise')
  t.matches(t.text(), 'no longer trusted since its settings changed')
  vim.cmd.tabclose()

  -- They are read first, agreed to, and changed once more in this editor.
  answer = 3
  vim.cmd('Tierwise trust')
  t.equal(vim.uv.fs_realpath(vim.api.nvim_buf_get_name(0)), vim.uv.fs_realpath(settings))
  answer = 1
  vim.cmd('wincmd p')
  restarted(function()
    vim.cmd('Tierwise trust')
  end)
  t.equal(runs_tools(), true)
  answer = 2
  local n_asked = #questions
  vim.cmd('wincmd p')
  vim.api.nvim_buf_set_lines(0, -1, -1, false, { '# more' })
  vim.cmd('silent write')
  t.wait('the question', function()
    return #questions == n_asked + 1
  end)
  vim.cmd.close()

  restarted(function()
    vim.cmd('Tierwise untrust')
  end)
  t.one_of(t.messages, 'is trusted no longer')
  t.equal(runs_tools(), false)
  t.project = project
end
