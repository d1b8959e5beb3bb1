-- The help has a tag for every subcommand, function and setting; the health check and start-up are as promised.
return function(t)
  local folder = vim.fs.dirname(vim.fs.dirname(vim.api.nvim_get_runtime_file('doc/tierwise.txt', false)[1]))
  local loaded = vim.tbl_filter(function(name)
    return vim.startswith(name, 'tierwise')
  end, vim.tbl_keys(package.loaded))
  t.equal(loaded, {}, 'nothing is loaded before it is used')

  local copy = t.project .. '/doc'
  vim.fn.mkdir(copy, 'p')
  local help = vim.fn.readfile(folder .. '/doc/tierwise.txt')
  vim.fn.writefile(help, copy .. '/tierwise.txt')
  vim.cmd.helptags(copy)
  local tags = {}
  for _, line in ipairs(vim.fn.readfile(copy .. '/tags')) do
    tags[vim.split(line, '\t')[1]] = true
  end
  local function described(tag)
    t.equal(tags[tag], true, tag .. ' is in the help')
  end
  for _, name in ipairs(require('tierwise.commands').names()) do
    described(':Tierwise-' .. name)
  end
  for name in pairs(require('tierwise')) do
    described(('tierwise.%s()'):format(name))
  end

  -- Settings, events and functions of Neovim, by what stands in the sources.
  local deprecated = {}
  for _, line in ipairs(vim.fn.readfile(vim.env.VIMRUNTIME .. '/doc/deprecated.txt')) do
    for name in line:gmatch('%*([%w_.:]+)%(?%)?%*') do
      deprecated[name:gsub(':', '.')] = true
    end
  end
  t.equal(deprecated['vim.lsp.buf_get_clients'], true)
  local sources = vim.fn.glob(folder .. '/**/*.lua', true, true)
  t.equal(10 < #sources, true)
  for _, source in ipairs(sources) do
    local text = table.concat(vim.fn.readfile(source), '\n')
    for name in text:gmatch('vim%.g%.([%w_]*tierwise[%w_]*)') do
      described('g:' .. name)
    end
    for name in text:gmatch("pattern = '(Tierwise%w+)'") do
      described(name)
    end
    for name in text:gmatch('vim%.[%w_.]+') do
      t.equal(deprecated[name], nil, ('%s uses %s'):format(source, name))
      t.equal(deprecated[name:gsub('^vim%.api%.', '')], nil, ('%s uses %s'):format(source, name))
    end
  end

  -- Links of the help lead somewhere.
  local text = table.concat(help, '\n')
  vim.cmd.helptags(copy)
  vim.opt.runtimepath:append(t.project)
  for link in text:gmatch('|([^|%s]+)|') do
    t.equal(#vim.fn.getcompletion(link, 'help') > 0, true, link .. ' leads somewhere')
  end

  -- Health.
  vim.g.tierwise_tier = 'best'
  vim.g.tierwise_trusted_roots = { t.project .. '/nowhere' }
  t.open('unitkit/dates.py')
  vim.cmd('checkhealth tierwise')
  local report = t.text()
  t.matches(report, 'OK Neovim')
  t.matches(report, 'OK the server is ')
  t.matches(report, 'OK running for .*not trusted here')
  t.matches(report, 'OK the bulk tier is ready')
  t.matches(report, 'ERROR g:tierwise_tier is "best"')
  t.matches(report, 'WARNING g:tierwise_trusted_roots names .*nowhere", which is no folder')
  vim.g.tierwise_tier, vim.g.tierwise_trusted_roots = nil, nil
  vim.cmd('checkhealth tierwise')
  t.equal(t.text():find('ERROR'), nil, t.text())
  vim.lsp.config('tierwise', { cmd = { 'no-such-program', 'serve' } })
  vim.cmd('checkhealth tierwise')
  t.matches(t.text(), 'ERROR "no%-such%-program" is not on PATH')
end
