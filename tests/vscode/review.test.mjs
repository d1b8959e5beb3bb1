// What a programmer looks at before it is applied, and what they can do with a result afterwards; models are on a real
// socket, others come from a file of rules.
import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { Window, scenarios, until } from './harness.mjs';
import { refusesKey, says, stalls, startModels, waits } from './modelServer.mjs';
import { HOOK, Sandbox, python, startBrowser, startEditor } from './sandbox.mjs';

const ORDERS = `"""Orders."""


def total(prices):
    return sum(prices)


LIMIT = 100
CURRENCY = "EUR"


def describe(prices):
    return f"{total(prices)} {CURRENCY}"
`;
const BILLING = `"""Bills."""

from orders import total


def bill(prices):
    return {"total": total(prices)}
`;
const NEW_ORDERS = ORDERS.replace('return sum(prices)', 'return round(sum(prices), 2)').replace('{total(prices)} {', '{total(prices):.2f} {');
const NEW_BILLING = BILLING.replace('{"total": total(prices)}', '{"total": total(prices), "currency": "EUR"}');
const RATES = `"""Rates."""

LOW = 7
HIGH = 19


def gross(net):
    return net
`;
const USED = RATES.replace('return net', 'return net * (BASE + HIGH) / BASE');
const FEES = 'from rates import gross\n\n\ndef fee(net):\n    return gross(net) + 1\n';
const NEW_FEES = FEES.replace('+ 1', '+ 2');
const PLAIN = 'def spread(values):\n    return max(values) - min(values)\n';
const DOCUMENTED = PLAIN.replace(':\n', ':\n    """Return how far apart the largest and the smallest value are."""\n');
const CHANGED = PLAIN.replace('max(values)', 'max(values, default=0)');
const BETTER = PLAIN.replace('max(values) - min(values)', 'max(values, default=0) - min(values, default=0)');
const HINTED = PLAIN.replace('(values)', '(values: list[float]) -> float');
const CROOKED = "def  area( w,h ):\n    return   w*h\n";
const BROKEN_TS = 'export function half(value: number): number {\n  const result: string = value / 2;\n  return value / 2;\n}\n';
const FIXED_TS = BROKEN_TS.replace('  const result: string = value / 2;\n', '  const result: number = value / 2;\n').replace('return value / 2', 'return result');

const HELD = PLAIN.replace('spread', 'held');

const fence = (text, language = 'python') => `\`\`\`${language}\n${text}\`\`\`\n`;
const RULES = [
  { when: 'add the high rate', reply: `rates.py\n${fence(USED.replace('HIGH = 19\n', 'HIGH = 19\nBASE = 100\n'))}\nfees.py\n${fence(NEW_FEES)}` },
  { when: 'Task: refactor across files|round all totals', reply: `orders.py\n${fence(NEW_ORDERS)}\nbilling.py\n${fence(NEW_BILLING)}` },
  { when: "Task: document.*'spread'", reply: fence(DOCUMENTED) },
  { when: "Task: refactor\\. Target: 'spread'", reply: fence(BETTER) },
  { when: "Task: add type hints", reply: fence(HINTED), chunks: 60 },
  { when: 'Task: fix', reply: fence(FIXED_TS, 'typescript') },
];

const held = waits();
const hasty = (body) => (body.includes('endless') ? stalls : body.includes('held(values)') ? held.answers(says(fence(CHANGED.replace('spread', 'held')))) : says(fence(CHANGED)));

let sandbox;
let editor;
let browser;
let models;
let window;
let script;

before(async () => {
  models = await startModels({
    hasty: (response, body) => hasty(body)(response),
    locked: refusesKey,
  });
  sandbox = new Sandbox({ user: { 'security.workspace.trust.enabled': false }, machine: { 'tierwise.server.interpreter': python } });
  script = sandbox.write('script.json', JSON.stringify(RULES));
  sandbox.env.TIERWISE_CONFIG = sandbox.write('config.toml', configuration(script));
  sandbox.env.A_KEY = 'sk-wrong';
  sandbox.takeExtension();
  const files = { 'hinted.py': PLAIN, 'locked.py': PLAIN, 'orders.py': ORDERS, 'billing.py': BILLING, 'rates.py': RATES, 'fees.py': FEES, 'spread.py': PLAIN, 'endless.py': PLAIN, 'held.py': HELD, 'crooked.py': CROOKED, 'half.ts': BROKEN_TS };
  for (const [name, text] of Object.entries(files)) sandbox.write(`project/${name}`, text);
  sandbox.write('project/pyproject.toml', '[project]\nname = "project"\nversion = "1"\n[tool.ruff]\nline-length = 100\n');
  sandbox.write('project/tsconfig.json', '{"compilerOptions": {"strict": true}, "files": ["half.ts"]}');
  [editor, browser] = await Promise.all([startEditor(sandbox), startBrowser(sandbox)]);
  window = await Window.open(browser, editor, sandbox.at('project'));
}, HOOK);

after(() => sandbox?.end(), HOOK);

function configuration(script, [local, bulk, top] = [['near/hasty'], ['rules/medium'], ['rules/large']]) {
  return `
[tiers.local]
models = ${JSON.stringify(local)}
[tiers.bulk]
models = ${JSON.stringify(bulk)}
[tiers.top]
models = ${JSON.stringify(top)}
[actions.refactor]
tier = "local"
[backends.near]
type = "openai"
base_url = "${models.url}"
[backends.rules]
type = "scripted"
script = "${script}"
chunk_delay_s = 0.05
[backends.locked]
type = "openai"
base_url = "${models.url}"
api_key_env = "A_KEY"
[models."near/hasty"]
input_usd_per_million = 0
output_usd_per_million = 0
[models."rules/medium"]
input_usd_per_million = 0.6
output_usd_per_million = 2.2
[models."rules/large"]
input_usd_per_million = 5
output_usd_per_million = 25
[planner]
single_call_tokens = 20000
[budgets]
day = { soft_usd = 0.000001 }
[ledger]
path = "${sandbox.at('ledger.db')}"
`;
}

const scenario = scenarios(() => window, 240_000);

/** A row of one of our trees. */
function row(text, description = '') {
  const label = window.page.locator('.label-name', { hasText: text });
  return window.page.locator('.monaco-list-row', { has: label, hasText: description }).first();
}

/** Uncheck a row of a proposal, and wait until the row of its file says so. */
async function leaveOut(part, file, words) {
  await row(part).locator('.monaco-checkbox, .custom-checkbox').first().click();
  await row(file).filter({ hasText: words }).waitFor();
}

scenario('a change of several files is looked at first, and exactly what is checked is applied', async () => {
  await window.openFile('orders.py');
  await window.ready();
  await window.putCursor('def total');
  await window.command('Tierwise: Refactor across files');
  await window.answer('round all totals');
  await window.toast('it changes 2 files').waitFor();
  await row('billing.py').waitFor();
  await window.page.locator('.multiDiffEntry, .monaco-diff-editor').first().waitFor();
  await window.picture('review');
  assert.equal(await window.dirtyTabs().count(), 0);
  await leaveOut('billing.py', 'billing.py', '0 of 1 hunks');
  await leaveOut('return f"', 'orders.py', '1 of 2 hunks');
  await window.picture('review-chosen');
  await window.answerToast('it changes 2 files', 'Accept');
  await window.toast('applied what was accepted').waitFor();
  await until(async () => (await window.dirtyTabs().count()) === 1);
  await window.save();
  assert.equal(window.onDisk('orders.py'), ORDERS.replace('return sum(prices)', 'return round(sum(prices), 2)'));
  assert.equal(window.onDisk('billing.py'), BILLING);
});

scenario('the list says what was done, shows what was sent, and takes an edit back byte for byte', async () => {
  const entry = row('Refactor across files');
  await until(async () => /[\d.]+ ¢ · applied · top: large \(scripted\)/.test(await entry.innerText()));
  await window.picture('history');
  const sent = window.line('top: large at scripted').first();
  await entry.hover();
  await window.clickUntil(entry.getByRole('button', { name: 'Show what was sent' }), () => sent.isVisible());
  await window.picture('sent');
  await window.command('Tierwise: Show changes');
  await window.page.locator('.monaco-diff-editor').first().waitFor();
  await entry.hover();
  const back = entry.getByRole('button', { name: 'Take this edit back' });
  await window.clickUntil(back, async () => /taken back/.test(await entry.innerText()));
  await window.save();
  assert.equal(window.onDisk('orders.py'), ORDERS);
  await window.command('View: Close All Editors');
  await window.command('View: Show Explorer');
});

scenario('a part that does not stand by itself is applied only after a second yes', async () => {
  await window.openFile('orders.py');
  await window.putCursor('def total');
  await window.command('Tierwise: Refactor across files');
  await window.answer('round all totals');
  await window.toast('it changes 2 files').waitFor();
  await window.command('Notifications: Clear All Notifications');
  await window.command('View: Show Explorer');
  await window.openFile('rates.py');
  await window.putCursor('def gross');
  await window.command('Tierwise: Refactor across files');
  await window.answer('add the high rate');
  await window.toast('it changes 2 files').waitFor();
  await leaveOut('fees.py', 'fees.py', '0 of 1 hunks');
  await leaveOut('BASE = 100', 'rates.py', '1 of 2 hunks');
  await window.answerToast('it changes 2 files', 'Accept');
  const dialog = window.page.locator('.monaco-dialog-box', { hasText: 'does not stand by itself' });
  await dialog.waitFor();
  assert.match(await dialog.innerText(), /BASE/);
  await window.picture('apply-anyway');
  assert.equal(window.onDisk('rates.py'), RATES);
  assert.equal(await window.dirtyTabs().count(), 0);
  await dialog.getByRole('button', { name: 'Apply anyway' }).click();
  await window.dirtyTabs().first().waitFor();
  await window.save();
  assert.equal(window.onDisk('rates.py'), USED);
  assert.equal(window.onDisk('fees.py'), FEES);
});

scenario('a proposal whose place another one took waits in the list', async () => {
  await window.command('Tierwise: Focus on What was done View');
  await window.clickUntil(row('Refactor across files', 'not applied yet'), () => row('billing.py', '1 of 1 hunks').isVisible());
  const diffTab = window.page.locator('.tab', { hasText: '(2 files)' });
  await diffTab.waitFor();
  // What was chosen stays where the same proposal is asked for once more.
  await leaveOut('billing.py', 'billing.py', '0 of 1 hunks');
  const shown = window.toast('it changes 2 files');
  await window.command('Notifications: Clear All Notifications');
  await window.clickUntil(row('Refactor across files', 'not applied yet'), () => shown.isVisible());
  await row('billing.py', '0 of 1 hunks').waitFor();
  await window.picture('review-again');
  const button = window.page.locator('.editor-actions').getByRole('button', { name: 'Accept the proposal' });
  await button.waitFor();
  await window.clickUntil(window.page.locator('.tab[data-resource-name="rates.py"]'), async () => !(await button.isVisible()));
  await window.clickUntil(diffTab, () => button.isVisible());
  await window.answerToast('it changes 2 files', 'Discard');
  await row('billing.py').waitFor({ state: 'detached' });
  await diffTab.waitFor({ state: 'detached' });
  await row('Refactor across files', 'not accepted').waitFor();
  assert.equal(window.onDisk('billing.py'), BILLING);
  await window.command('View: Close All Editors');
  await window.command('View: Show Explorer');
});

scenario("what is confirmed in the editor's own Refactor Preview is checked and booked like all else", async () => {
  await window.openFile('orders.py');
  await window.putCursor('def total');
  await window.command('Tierwise: Refactor across files');
  await window.answer('round all totals');
  await window.toast('it changes 2 files').waitFor();
  await window.command('Tierwise: Show the proposal in the Refactor Preview');
  const preview = window.page.locator('.bulk-edit-panel');
  const apply = preview.getByRole('button', { name: 'Apply' });
  await apply.waitFor();
  await window.command('Notifications: Clear All Notifications');
  await window.picture('refactor-preview');
  const box = preview.locator('.monaco-list-row', { hasText: 'billing.py' }).getByRole('checkbox');
  await window.clickUntil(box, () => box.isChecked({ timeout: 2000 }));
  await apply.click();
  await window.toast('1 of 2 files').waitFor();
  await window.dirtyTabs().first().waitFor();
  await window.save();
  assert.deepEqual([window.onDisk('orders.py'), window.onDisk('billing.py')], [ORDERS, NEW_BILLING]);
  await window.command('Tierwise: Take this edit back');
  await window.dirtyTabs().first().waitFor();
  await window.save();
  assert.equal(window.onDisk('billing.py'), BILLING);
  await window.command('View: Close All Editors');
  await window.command('View: Show Explorer');
});

scenario('a proposal that comes while the user types waits for a pause', async () => {
  await window.openFile('held.py');
  await window.putCursor('def held');
  const n = models.calls.length;
  await window.choose('Refactor held');
  await until(() => models.calls.length > n);
  await window.putCursor('return max(values)');
  await window.press('End');
  const words = '  # one two three four five six seven eight nine ten eleven twelve';
  const typed = window.page.keyboard.type(words, { delay: 40 });
  held.release();
  await typed;
  await window.toast('was not applied').waitFor();
  await window.answerToast('was not applied', 'Discard');
  await window.save();
  assert.equal(window.onDisk('held.py'), HELD.replace('min(values)', `min(values)${words}`));
  await window.command('View: Close All Editors');
});

scenario('a proposal goes with its server, and the window says so', async () => {
  await window.openFile('orders.py');
  await window.putCursor('def total');
  await window.command('Tierwise: Refactor across files');
  await window.answer('round all totals');
  await window.toast('it changes 2 files').waitFor();
  await row('billing.py').waitFor();
  const [killed] = sandbox.servers();
  process.kill(Number(killed), 'SIGKILL');
  await window.toast('nothing of it was applied; run the action again').waitFor();
  await row('billing.py').waitFor({ state: 'detached' });
  await window.page.locator('.tab', { hasText: '(2 files)' }).waitFor({ state: 'detached' });
  await until(() => sandbox.servers().length === 1 && sandbox.servers()[0] !== killed);
  await window.ready();
  await window.answerToast('it changes 2 files', 'Accept');
  await window.toast('does not wait for an answer any more').waitFor();
  assert.equal(window.onDisk('billing.py'), BILLING);
  await window.command('Notifications: Clear All Notifications');
  await window.command('View: Close All Editors');
  await window.command('View: Show Explorer');
});

scenario('one tier up takes the place of a local answer, and one undo brings that back', async () => {
  await window.openFile('spread.py');
  await window.putCursor('def spread');
  await window.choose('Refactor spread');
  await window.line('max(values, default=0)').waitFor();
  await window.command('Tierwise: Try one tier up');
  await window.line('min(values, default=0)').waitFor();
  await window.save();
  assert.equal(window.onDisk('spread.py'), BETTER);
  await window.undo();
  await window.save();
  assert.equal(window.onDisk('spread.py'), CHANGED);
  await window.undo();
  await window.save();
  assert.equal(window.onDisk('spread.py'), PLAIN);
});

scenario('an escalation is told in words while it works', async () => {
  await window.openFile('hinted.py');
  await window.putCursor('def spread');
  await window.choose('Add type hints to spread');
  await window.toast(/local answer (changed more than|added no) type hints/).waitFor();
  await window.picture('escalating');
  await window.line('values: list[float]').waitFor();
  await window.save();
  assert.equal(window.onDisk('hinted.py'), HINTED);
});

scenario('cancel leaves the text and closes the socket', async () => {
  await window.openFile('endless.py');
  await window.putCursor('def spread');
  await window.type('# endless\n');
  await window.save();
  await window.putCursor('def spread');
  const n = models.calls.length;
  await window.choose('Refactor spread');
  const bar = window.bar('Tierwise: Refactor spread');
  await until(() => models.calls.length > n);
  await until(async () => /hasty, \d+ tokens so far · \d+ s · local/.test(await bar.innerText()));
  await window.picture('working');
  await window.clickUntil(bar.getByRole('button', { name: 'Cancel' }), async () => !(await bar.isVisible()));
  await until(() => models.calls.at(-1).hasHungUp);
  await bar.waitFor({ state: 'detached' });
  assert.equal(await window.dirtyTabs().count(), 0);
  assert.equal(window.onDisk('endless.py'), `# endless\n${PLAIN}`);
});

scenario('format takes the tool of the project, at no cost', async () => {
  await window.openFile('crooked.py');
  await window.putCursor('def');
  await window.choose('Format crooked.py · native: ruff · 0 ¢');
  await window.line('return w * h').waitFor();
  await window.save();
  assert.equal(window.onDisk('crooked.py'), 'def area(w, h):\n    return w * h\n');
});

scenario('a problem another tool reports is fixed', async () => {
  await window.openFile('half.ts');
  await window.page.locator('.squiggly-error').first().waitFor();
  await window.putCursor('const result');
  await window.choose('Fix');
  await window.line('const result: number').waitFor();
  await window.page.locator('.squiggly-error').first().waitFor({ state: 'detached' });
  await window.save();
  assert.equal(window.onDisk('half.ts'), FIXED_TS);
});

scenario('the status item says what was spent, and its tooltip where', async () => {
  await until(async () => /¢ · top \d+ %/.test(await window.status().innerText()));
  assert.ok(await window.status().evaluate((item) => item.classList.contains('warning-kind')));
  await window.command('Notifications: Clear All Notifications');
  await window.command('Tierwise: Focus on What was done View');
  await row('Format crooked.py').waitFor();
  await window.widen(240);
  const tooltip = await window.hoverUntil(window.status(), 'spent today');
  assert.match(await tooltip.innerText(), /rules\/large|large/);
  await window.picture('done');
  await window.page.mouse.move(640, 400);
  await window.command('View: Show Explorer');
});

scenario('a wrong key and no model have their sentences', async () => {
  const say = (tiers) => sandbox.write('config.toml', configuration(script, tiers));
  const offers = (words) => until(async () => {
    await window.press('Control+K', ';');
    const isThere = await window.row(words).waitFor({ timeout: 3000 }).then(() => true, () => false);
    await window.press('Escape');
    return isThere;
  });
  const refused = async (sentence, timeout) => {
    await window.command('Tierwise: Document');
    await window.toast(sentence).waitFor({ timeout });
    return true;
  };
  await window.openFile('locked.py');
  await window.putCursor('def spread');
  say([[], ['locked/locked'], []]);
  await offers('locked');
  await refused('A_KEY');
  await window.picture('wrong-key');
  say([[], [], []]);
  await window.command('Notifications: Clear All Notifications');
  await offers('no model can be asked');
  // Of four notifications within 800 ms the editor shows the last one only behind its bell.
  await until(() => refused('no model can be asked', 5000));
  assert.equal(window.onDisk('locked.py'), PLAIN);
});

scenario('the page talked to no other host', () => {
  assert.deepEqual([...window.strangers], []);
});
