// Several windows at once, a window that is loaded again, several folders in one window, and the extension switched off:
// no server is left over, and no call is lost from the ledger.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { after, before } from 'node:test';
import { Window, scenarios, until } from './harness.mjs';
import { DOCUMENTED, SOURCE, withFunction, writeConfig } from './scripted.mjs';
import { HOOK, Sandbox, python, startBrowser, startEditor } from './sandbox.mjs';

const SLUG = 'def slug';

let sandbox;
let editor;
let browser;
let window;
let other;

before(async () => {
  sandbox = new Sandbox({ user: { 'security.workspace.trust.enabled': false }, machine: { 'tierwise.server.interpreter': python } });
  sandbox.env.TIERWISE_CONFIG = writeConfig(sandbox);
  sandbox.takeExtension();
  // Texts that differ, since an answer to the same question would not be paid for again.
  for (const name of ['one', 'two', 'three']) sandbox.write(`project/${name}.py`, `${SOURCE}\n\n${name} = "${name}"\n`);
  for (const name of ['first', 'second']) sandbox.write(`${name}/${name}.py`, SOURCE);
  sandbox.write('second/.tierwise.toml', '[actions.document]\nenabled = false\n');
  const folders = ['first', 'second'].map((name) => ({ path: sandbox.at(name) }));
  sandbox.write('both.code-workspace', JSON.stringify({ folders }));
  [editor, browser] = await Promise.all([startEditor(sandbox), startBrowser(sandbox)]);
  window = await Window.open(browser, editor, sandbox.at('project'));
}, HOOK);

after(() => sandbox?.end(), HOOK);

const scenario = scenarios(() => window, 240_000);

/** How many calls the ledger has, asked from outside. */
function booked() {
  const asked = spawnSync(python, ['-m', 'tierwise', 'stats', '--json'], sandbox.options());
  return JSON.parse(asked.stdout).total.nCalls;
}

async function document(on, name) {
  await on.openFile(`${name}.py`);
  await on.ready();
  await on.putCursor(SLUG);
  await on.choose('Document slug');
  await on.line('joined by dashes').waitFor();
  await on.save();
  assert.equal(on.onDisk(`${name}.py`), withFunction(SLUG, DOCUMENTED, `${SOURCE}\n\n${name} = "${name}"\n`));
}

/** The entries of the list of what was done. */
async function listed(on) {
  await on.command('Tierwise: Focus on What was done View');
  const rows = on.page.locator('.monaco-list-row', { hasText: 'applied · bulk: medium' });
  return { rows, has: (n) => until(async () => (await rows.count()) === n) };
}

scenario('two windows on one folder have a server each and one ledger', async () => {
  await document(window, 'one');
  other = await Window.open(browser, editor, sandbox.at('project'));
  await document(other, 'two');
  assert.equal(sandbox.servers().length, 2);
  assert.equal(booked(), 2);
  const { has } = await listed(other);
  await has(2);
  await other.picture('two-windows');
});

scenario('a window that closes takes its server with it, and the other one goes on', async () => {
  const [first, second] = sandbox.servers();
  await other.close();
  await until(() => sandbox.servers().length === 1);
  assert.ok([first, second].includes(sandbox.servers()[0]));
  await document(window, 'three');
  assert.equal(booked(), 3);
});

scenario('after a reload the list has what was done before it, and there is one server', async () => {
  const [before] = sandbox.servers();
  await window.reload();
  await window.ready();
  await until(() => sandbox.servers().length === 1 && sandbox.servers()[0] !== before);
  const { rows, has } = await listed(window);
  await has(3);
  await window.picture('history-after-reload');
  await window.hoverUntil(rows.first(), 'from the ledger, which keeps no code');
  assert.equal(booked(), 3);
  await window.command('View: Show Explorer');
});

scenario('a reload in the middle of a call loses no row and leaves no process', async () => {
  await window.openFile('one.py');
  await window.putCursor('def initials');
  await window.command('Tierwise: Document');
  await window.bar('Document initials').waitFor();
  await window.reload();
  await window.ready();
  await until(() => sandbox.servers().length === 1);
  // It was booked before it was sent, whatever became of it.
  assert.equal(booked(), 4);
});

/** Whether the editor's own storage says that our extension is switched off; carried out in its page. */
async function isDisabled() {
  const answered = (request) =>
    new Promise((settle, fail) => Object.assign(request, { onsuccess: () => settle(request.result), onerror: () => fail(request.error) }));
  const names = (await indexedDB.databases()).map(({ name }) => name).filter((name) => name.startsWith('vscode-web-state-db-global'));
  for (const name of names) {
    const database = await answered(indexedDB.open(name));
    const noted = await answered(database.transaction('ItemTable').objectStore('ItemTable').get('extensionsIdentifiers/disabled'));
    database.close();
    if (String(noted).includes('tierwise')) return true;
  }
  return false;
}

scenario('the extension that is switched off leaves no server, and comes back', async () => {
  const n = booked();
  await window.command('Extensions: Disable All Installed Extensions');
  // The editor notes it a moment later, and a page that is loaded again before that knows nothing of it.
  await until(() => window.page.evaluate(isDisabled));
  await window.reload();
  await until(() => sandbox.servers().length === 0);
  await until(async () => (await window.page.locator('.activitybar [aria-label="Tierwise"]').count()) === 0);
  await window.openFile('two.py');
  assert.equal(await window.status().count(), 0);
  await window.command('Extensions: Enable All Extensions');
  await window.ready();
  assert.equal(sandbox.servers().length, 1);
  assert.equal(booked(), n);
  await window.close();
});

scenario('two folders in one window have one server, and what one of them forbids holds for both', async () => {
  window = await Window.open(browser, editor, sandbox.at('both.code-workspace'));
  for (const name of ['first', 'second']) {
    const folder = window.page.getByRole('treeitem', { name, exact: true }).first();
    const file = window.page.getByRole('treeitem', { name: `${name}.py` }).first();
    await window.clickUntil(folder, () => file.isVisible());
    await window.openFile(`${name}.py`);
    await window.ready();
    await window.putCursor(SLUG);
    await window.openMenu('Write tests for slug');
    const titles = (await window.entries().allInnerTexts()).join('\n');
    await window.press('Escape');
    // A folder's configuration can only forbid, so the strictest of all folders counts.
    assert.doesNotMatch(titles, /Document slug/);
  }
  await window.picture('two-folders');
  // That of the window before may still be on its way out.
  await until(() => sandbox.servers().length === 1);
});

scenario('closing the last window ends the last server', async () => {
  assert.deepEqual([...window.strangers], []);
  await window.close();
  await until(() => sandbox.servers().length === 0);
});
