// A folder that is not trusted: nothing of it is obeyed until the user says so.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, test } from 'node:test';
import { Sandbox, Window, python, startBrowser, startEditor, until } from './harness.mjs';
import { SOURCE, writeConfig } from './scripted.mjs';

let sandbox;
let editor;
let browser;

before(async () => {
  const user = { 'security.workspace.trust.startupPrompt': 'never', 'security.workspace.trust.untrustedFiles': 'open' };
  sandbox = new Sandbox({ user, machine: { 'tierwise.server.interpreter': python } });
  sandbox.env.TIERWISE_CONFIG = writeConfig(sandbox);
  sandbox.installExtension();
  sandbox.write('project/slugs.py', SOURCE);
  const trap = `#!${python}\nopen(${JSON.stringify(sandbox.at('was-run'))}, "w")\n`;
  sandbox.write('project/tierwise.py', trap);
  sandbox.write('project/.tierwise.toml', '[actions.document]\nenabled = false\n');
  const settings = { 'tierwise.server.path': sandbox.at('project/tierwise.py'), 'tierwise.client.enable.refactor': false };
  sandbox.write('project/.vscode/settings.json', JSON.stringify(settings));
  fs.chmodSync(sandbox.at('project/tierwise.py'), 0o755);
  [editor, browser] = await Promise.all([startEditor(sandbox), startBrowser()]);
});

after(async () => {
  await browser?.close();
  await editor?.stop();
  if (process.env.KEEP === undefined) sandbox?.remove();
});

test('a folder is obeyed only after it is trusted, and never in what names a program', { timeout: 150_000 }, async () => {
  const window = await Window.open(browser, editor, sandbox.at('project'));
  const titles = async () => {
    await window.putCursor('def slug');
    await window.openMenu('Write tests for slug');
    const found = (await window.entries().allInnerTexts()).join('\n');
    await window.press('Escape');
    return found;
  };
  try {
    await window.openFile('slugs.py');
    await window.ready();
    const before = await titles();
    assert.match(before, /Document slug/);
    assert.match(before, /Refactor slug/);
    await window.picture('restricted');

    const [first] = sandbox.servers();
    await window.command('Workspaces: Manage Workspace Trust');
    await window.page.getByRole('button', { name: 'Trust', exact: true }).first().click();
    await until(() => sandbox.servers().length === 1 && sandbox.servers()[0] !== first);
    await window.openFile('slugs.py');
    await window.ready();
    const trusted = await titles();
    await window.picture('trusted');
    assert.doesNotMatch(trusted, /Document slug/);
    assert.doesNotMatch(trusted, /Refactor slug/);
    assert.equal(fs.existsSync(sandbox.at('was-run')), false);
  } catch (error) {
    await window.picture('failed-trust');
    throw error;
  }
});
