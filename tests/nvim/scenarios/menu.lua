-- What the menu offers on a function, before any model is asked.
return function(t)
  t.open('unitkit/dates.py')
  t.cursor('def quarter_of')
  local titles
  -- Which tool formats a file is looked up on disk once the file is open.
  t.wait('the formatter to be known', function()
    titles = t.titles()
    return vim.list_contains(titles, 'Format dates.py · native: ruff · 0 ¢')
  end)
  t.one_of(titles, '^Document quarter_of · bulk: medium %(scripted%) · ≈ [%d.–]+ ¢$')
  t.one_of(titles, '^Write tests for quarter_of · bulk: medium %(scripted%) · ≈ [%d.–]+ ¢$')
  t.one_of(titles, '^Refactor quarter_of · ')
  t.one_of(titles, '^Add type hints to quarter_of · local: small %(scripted%) · [%d.–]+ ¢$')
  t.one_of(titles, '^Do… on quarter_of · ')
  t.one_of(titles, '^Refactor across files: quarter_of… · top: large')

  -- The command's own menu has the same entries and needs no other plug-in.
  local asked
  vim.ui.select = function(items, options, choose)
    asked = vim.tbl_map(options.format_item, items)
    choose(nil)
  end
  vim.cmd('Tierwise')
  t.wait('the menu', function()
    return asked ~= nil
  end)
  for _, title in ipairs(titles) do
    t.one_of(asked, vim.pesc(title))
  end

  -- The protocol's name of a language is not always Neovim's.
  t.equal(t.client.config.get_language_id(0, 'sh'), 'shellscript')
  t.equal(t.client.config.get_language_id(0, 'python'), 'python')
end
