// The extension in a real window: what a programmer clicks, sees and gets. One window serves all tests, as it serves a
// programmer's day; each test has a file of its own.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { after, before } from 'node:test';
import { Window, scenarios, until } from './harness.mjs';
import { DOCUMENTED, HINTED, INSTRUCTED, REFACTORED, SOURCE, TESTS, withFunction, writeConfig } from './scripted.mjs';
import { HOOK, Sandbox, python, startBrowser, startEditor } from './sandbox.mjs';

const SLUG = 'def slug';
const INITIALS = 'def initials';

let sandbox;
let editor;
let browser;
let window;

before(async () => {
  sandbox = new Sandbox({
    user: { 'security.workspace.trust.enabled': false },
    machine: { 'tierwise.server.interpreter': python },
  });
  sandbox.env.TIERWISE_CONFIG = writeConfig(sandbox);
  sandbox.takeExtension();
  const names = ['documented', 'tested', 'instructed', 'cancelled', 'kept', 'conflict', 'later', 'chosen', 'bound'];
  for (const name of names) sandbox.write(`project/${name}.py`, SOURCE);
  const bound = { command: 'editor.action.codeAction', args: { kind: 'refactor.rewrite.tierwise.addTypeHints', apply: 'first' } };
  sandbox.write('data/User/keybindings.json', JSON.stringify([{ key: 'ctrl+alt+h', ...bound, when: 'editorTextFocus' }]));
  sandbox.write('project/pyproject.toml', '[project]\nname = "project"\nversion = "1"\n');
  [editor, browser] = await Promise.all([startEditor(sandbox), startBrowser(sandbox)]);
  window = await Window.open(browser, editor, sandbox.at('project'));
}, HOOK);

after(() => sandbox?.end(), HOOK);

const scenario = scenarios(() => window, 150_000);

scenario('the extension starts and the status item says so', async () => {
  await window.openFile('documented.py');
  await window.ready();
  assert.match(await window.status().innerText(), /Tierwise: ready/);
});

scenario('the lightbulb lists actions with tier, model and price', async () => {
  await window.putCursor(SLUG);
  await window.openMenu('Document slug');
  await window.picture('menu');
  const titles = (await window.entries().allInnerTexts()).join('\n');
  await window.press('Escape');
  assert.match(titles, /Write tests for slug · bulk: medium \(scripted\) · ≈ [\d.–]+ ¢/);
  assert.match(titles, /Document slug · bulk: medium \(scripted\) · ≈ [\d.–]+ ¢/);
  assert.match(titles, /Refactor slug · top: large \(scripted\) · ≈ [\d.–]+ ¢/);
  assert.match(titles, /Add type hints to slug · local: small \(scripted\) · 0(–[\d.]+)? ¢/);
});

scenario('the palette and the key offer the same', async () => {
  await until(async () => {
    await window.press('Control+K', ';');
    await window.row('Document slug · bulk: medium (scripted) · ≈').waitFor({ timeout: 5000 });
    return true;
  });
  await window.picture('palette');
  await window.press('Escape');
});

scenario('document, then one undo brings every byte back', async () => {
  await window.choose('Document slug');
  await window.line('joined by dashes').waitFor();
  await window.picture('documented');
  await window.save();
  assert.equal(window.onDisk('documented.py'), withFunction(SLUG, DOCUMENTED));

  await window.undo();
  await window.save();
  assert.equal(window.onDisk('documented.py'), SOURCE);
});

scenario('write tests makes a file whose tests pass', async () => {
  await window.openFile('tested.py');
  await window.putCursor(SLUG);
  await window.choose('Write tests for slug');
  await window.answerToast('test_tested.py', 'Open');
  await window.line('test_slug_of_nothing_is_empty').waitFor();
  await window.picture('tests-written');
  await window.save();
  const found = fs.readdirSync(window.folder, { recursive: true }).filter((name) => name.endsWith('test_tested.py'));
  assert.equal(found.length, 1);
  assert.equal(window.onDisk(found[0]), TESTS);
  const run = spawnSync(python, ['-m', 'pytest', '-q', found[0]], sandbox.options({ cwd: window.folder }));
  assert.match(run.stdout + run.stderr, /3 passed/);
  assert.equal(window.onDisk('tested.py'), SOURCE);
});

scenario('a free instruction is asked for, carried out and remembered', async () => {
  await window.openFile('instructed.py');
  await window.putCursor(INITIALS);
  await window.choose('Do… on initials');
  await window.answer('give an empty text for None');
  await window.line('if name is None').waitFor();
  await window.picture('instructed');
  await window.save();
  assert.equal(window.onDisk('instructed.py'), withFunction(INITIALS, INSTRUCTED));

  await window.command('Tierwise: Do…');
  await window.row('give an empty text for None').waitFor();
  await window.press('Escape');
});

scenario('a tier is chosen in the palette, and asked', async () => {
  await window.openFile('chosen.py');
  await window.putCursor(SLUG);
  await window.command('Tierwise: Choose an action and its tier…');
  const wanted = window.row(/Document slug.*top: large \(scripted\)/);
  await wanted.waitFor();
  await window.picture('tiers');
  await wanted.click();
  await window.line('joined by dashes').waitFor();
  await window.save();
  assert.equal(window.onDisk('chosen.py'), withFunction(SLUG, DOCUMENTED));
  await window.command('Tierwise: Why this tier');
  await window.reads('Why this tier', /large \(scripted\)\s+accepted/);
});

scenario('a key that is bound to the kind of an entry carries it out at once', async () => {
  await window.openFile('bound.py');
  await window.putCursor(SLUG);
  // A key is lost while the window is busy with the file it has just opened.
  await until(async () => {
    await window.press('Control+Alt+H');
    await window.line('title: str').waitFor({ timeout: 15_000 });
    return true;
  });
  await window.save();
  assert.equal(window.onDisk('bound.py'), withFunction(SLUG, HINTED));
});

scenario('cancel stops the work and leaves the text alone', async () => {
  await window.openFile('cancelled.py');
  await window.putCursor(INITIALS);
  await window.command('Tierwise: Document');
  const bar = window.bar('Tierwise: document');
  await bar.waitFor();
  await window.clickUntil(bar.getByRole('button', { name: 'Cancel' }), async () => !(await bar.isVisible()));
  await window.page.locator('.statusbar-item', { hasText: 'Tierwise: cancelled' }).waitFor();
  await bar.waitFor({ state: 'detached' });
  await window.picture('cancelled');
  assert.equal(await window.dirtyTabs().count(), 0);
  assert.equal(window.onDisk('cancelled.py'), SOURCE);
});

scenario('what is typed elsewhere meanwhile is kept', async () => {
  await window.openFile('kept.py');
  await window.putCursor(INITIALS);
  await window.choose('Refactor initials');
  await window.bar('Tierwise: refactor').waitFor();
  await window.putCursor('import re');
  await window.type('import os\n');
  await window.picture('typing');
  await window.line('letters = ').waitFor();
  await window.save();
  assert.equal(window.onDisk('kept.py'), `import os\n${withFunction(INITIALS, REFACTORED)}`);
});

scenario('an edit that meets what was typed is shown as a diff, and can be accepted', async () => {
  await window.openFile('conflict.py');
  await window.putCursor(INITIALS);
  await window.choose('Refactor initials');
  await window.bar('Tierwise: refactor').waitFor();
  await window.putCursor('return "".join(word');
  await window.type('# ');
  await window.toast('was not applied').waitFor();
  await window.page.locator('.monaco-diff-editor').waitFor();
  await window.picture('proposal');
  await window.answerToast('was not applied', 'Accept');
  await window.page.locator('.monaco-diff-editor').waitFor({ state: 'detached' });
  await window.save();
  assert.equal(window.onDisk('conflict.py'), withFunction(INITIALS, REFACTORED));
});

scenario('the pages say what was spent, why, and what works', async () => {
  await until(async () => /¢ · top \d+ %/.test(await window.status().innerText()));
  await window.clickStatus();
  await window.reads('Spend', /Last 24 hours: .* ¢ in \d+ calls/);
  await window.picture('spend');
  await window.command('Tierwise: Why this tier');
  await window.reads('Why this tier', /large \(scripted\)\s+accepted/);
  await window.picture('why');
  await window.command('Tierwise: Doctor');
  await window.reads('Doctor', /fast\/medium/);
  await window.picture('doctor');
});

scenario('the report is drawn beside the code and follows the ledger', async () => {
  const drawn = async () => {
    for (const frame of window.page.frames()) {
      if (await frame.locator('html[data-drawn]').count()) return frame;
    }
    return undefined;
  };
  await window.command('Tierwise: Show report');
  await window.reads('Tierwise: report', /By tier/);
  const frame = await until(drawn);
  const calls = (of) => of.locator('[aria-labelledby=part-tiers] tfoot td').first().innerText();
  await window.picture('report');
  const before = Number(await calls(frame));
  assert.ok(before > 0);
  await window.openFile('later.py');
  await window.putCursor(INITIALS);
  await window.choose('Refactor initials');
  await until(async () => {
    const current = await drawn();
    return current !== undefined && before < Number(await calls(current));
  });
  await window.save();
});

scenario('a server that is killed comes back by itself', async () => {
  const [first, ...more] = sandbox.servers();
  assert.ok(first !== undefined && more.length === 0);
  process.kill(Number(first), 'SIGKILL');
  await until(() => sandbox.servers().length === 1 && sandbox.servers()[0] !== first);
  await window.ready();
});

scenario('without a server the user is told what to do, and a corrected setting is enough', async () => {
  const say = (interpreter) =>
    sandbox.write('data/Machine/settings.json', JSON.stringify({ 'tierwise.server.interpreter': interpreter }));
  try {
    say('/nowhere/python');
    const sentence = window.toast("names '/nowhere/python', which is no program");
    await sentence.getByRole('button', { name: 'Open settings' }).waitFor();
    await until(async () => (await window.status().innerText()).trim() === 'Tierwise');
    await window.picture('no-server');
    // One that never greets does not keep the corrected setting waiting.
    const deaf = sandbox.write('deaf', `#!/bin/sh\ncase "$*" in *serve*) exec sleep 1000 ;; esac\nexec '${python}' "$@"\n`);
    fs.chmodSync(deaf, 0o755);
    say(deaf);
    await until(() => sandbox.running('sleep\x001000').length === 1);
  } finally {
    say(python);
  }
  await window.ready();
  assert.deepEqual(sandbox.running('sleep\x001000'), []);
});

scenario('the server can be stopped and started', async () => {
  await window.command('Tierwise: Stop server');
  await until(async () => /stopped/.test(await window.status().innerText()));
  await window.command('Tierwise: Start server');
  await window.ready();
});

scenario('the page talked to no other host, and closing it ends the server', async () => {
  assert.deepEqual([...window.strangers], []);
  assert.equal(sandbox.servers().length, 1);
  await window.close();
  await until(() => sandbox.servers().length === 0);
});
