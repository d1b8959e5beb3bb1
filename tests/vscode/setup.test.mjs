// A machine that has never seen the extension: it sets its server up, greets once, takes a key, reports a problem, and
// leaves nothing behind. Then the suites that run inside the extension host.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { after, before } from 'node:test';
import { Window, scenarios, until } from './harness.mjs';
import { SOURCE, writeConfig } from './scripted.mjs';
import { HOOK, Sandbox, python, startBrowser, startEditor } from './sandbox.mjs';

const here = import.meta.dirname;
const wheels = path.join(here, '.wheels');
const SECRET = 'tw-very-secret-key-0123456789';
// Setting up takes ten seconds of a whole processor, of which a busy machine gives a tenth.
const SETUP_MS = 300_000;
const OFFLINE = '[global]\nindex-url = http://127.0.0.1:1/simple\nretries = 1\n';
const ONLINE = `[global]\nno-index = true\nfind-links = ${wheels}\n`;
/** Programs and settings that a hostile folder brings, each of which would leave a file behind. */
const TRAPS = ['tierwise.py', 'python3', '.venv/bin/python', '.venv/bin/tierwise', 'node_modules/.bin/prettier', 'uv', 'git'];

let sandbox;
let editor;
let browser;
let window;
/** The process that runs the extensions of the first window. */
let projectHost;
/** What each call of the provider said about who is calling. */
const calls = [];
/** The models that Ollama has. */
let pulled = [];

before(async () => {
  // The first Python on PATH is one that serves. Packages come from where a file of pip's says.
  const bin = path.dirname(fs.realpathSync(spawnSync(python, ['-c', 'import sys; print(sys._base_executable)'], { encoding: 'utf8' }).stdout.trim()));
  sandbox = new Sandbox({
    user: { 'security.workspace.trust.startupPrompt': 'never', 'security.workspace.trust.untrustedFiles': 'open' },
    machine: { 'workbench.welcomePage.walkthroughs.openOnInstall': true },
  });
  const pip = { PIP_CONFIG_FILE: sandbox.write('pip.conf', OFFLINE) };
  Object.assign(sandbox.env, pip, { PATH: `${bin}:/usr/bin:/bin` });
  const provider = http.createServer(answer).unref();
  await new Promise((settle) => provider.listen(0, '127.0.0.1', settle));
  const origin = `http://127.0.0.1:${provider.address().port}`;
  const config = writeConfig(sandbox);
  const backends = `[backends.work]\ntype = "openai"\nbase_url = "${origin}/v1"\napi_key_env = "KEY_NOBODY_HAS"\n[backends.ollama]\ntype = "ollama"\nhost = "${origin}"\n`;
  const models = fs.readFileSync(config, 'utf8').replace('["fast/medium"]', '["fast/medium", "work/m"]').replace('["fast/small"]', '["fast/small", "ollama/tiny:1b"]');
  fs.writeFileSync(config, models + backends);
  sandbox.env.TIERWISE_CONFIG = config;
  sandbox.installExtension();
  sandbox.env.TIERWISE_STARTS = sandbox.write('starts.jsonl', '');
  for (const name of ['project', 'other']) writeHostile(name);
  sandbox.write('host/slugs.py', SOURCE);
  [editor, browser] = await Promise.all([startEditor(sandbox, path.join(here, 'starts.cjs')), startBrowser(sandbox)]);
}, HOOK);

after(() => sandbox?.end(), HOOK);

/** A provider that wants its key, and Ollama, which has what was pulled. */
function answer(request, response) {
  const { authorization } = request.headers;
  const say = (status, body) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  };
  if (request.url === '/api/version') say(200, { version: '0.30.0' });
  else if (request.url === '/api/tags') say(200, { models: pulled.map((name) => ({ name, model: name, size: 1, details: {} })) });
  else if (request.url === '/api/show') say(200, { details: {}, model_info: { 'general.architecture': 'x', 'x.context_length': 8192 }, capabilities: ['completion'] });
  else {
    calls.push(authorization);
    say(authorization === `Bearer ${SECRET}` ? 200 : 401, { object: 'list', data: [{ id: 'm', object: 'model' }] });
  }
}

/** A folder whose settings, configuration and programs all want to be obeyed. */
function writeHostile(name) {
  sandbox.write(`${name}/slugs.py`, SOURCE);
  for (const trap of TRAPS) {
    fs.chmodSync(sandbox.write(`${name}/${trap}`, `#!/bin/sh\necho $0 >> '${sandbox.at('was-run')}'\n`), 0o755);
  }
  sandbox.write(`${name}/.tierwise.toml`, '[actions.document]\nenabled = false\n');
  sandbox.write(`${name}/.git/config`, `[core]\n\tfsmonitor = ${sandbox.at(`${name}/git`)}\n`);
  sandbox.write(`${name}/.env`, 'PYTHONPATH=.\nANTHROPIC_API_KEY=sk-ant-of-the-folder\n');
  const settings = {
    'tierwise.server.path': sandbox.at(`${name}/tierwise.py`),
    'tierwise.server.interpreter': sandbox.at(`${name}/python3`),
    'tierwise.client.enable.refactor': false,
    'python.defaultInterpreterPath': sandbox.at(`${name}/.venv/bin/python`),
  };
  sandbox.write(`${name}/.vscode/settings.json`, JSON.stringify(settings));
}

const scenario = scenarios(() => window, 360_000);

/** The environments that were made. */
function environments() {
  const root = sandbox.at('data/User/globalStorage/tierwise.tierwise');
  return fs.existsSync(root) ? fs.readdirSync(root).filter((name) => name.startsWith('server-')) : [];
}

/** What our extension started by the process that runs a window's extensions. */
function startedBy(host) {
  const lines = fs.readFileSync(sandbox.at('starts.jsonl'), 'utf8').split('\n').slice(0, -1);
  const [first, ...more] = lines.map((line) => JSON.parse(line)).filter((line) => line.host === host);
  assert.ok(first.isThere, 'the recorder is there');
  return more.filter(({ isOurs }) => isOurs).map(({ start }) => start.join(' '));
}

/** The processes that run extensions, one for each window. */
function extensionHosts() {
  return sandbox.running('--type=extensionHost');
}

/** Open a folder and a file; gives the process that runs the extensions. */
async function openRestricted(name) {
  const known = new Set(extensionHosts());
  window = await Window.open(browser, editor, sandbox.at(name));
  await window.openFile('slugs.py');
  await until(isRestricted);
  const hosts = extensionHosts().filter((pid) => !known.has(pid));
  assert.equal(hosts.length, 1);
  return hosts[0];
}

const isRestricted = async () => /Tierwise: restricted/.test(await window.status().innerText());

async function trust() {
  await window.command('Workspaces: Manage Workspace Trust');
  const yes = window.page.getByRole('button', { name: 'Trust', exact: true }).first();
  await yes.waitFor();
  await window.clickUntil(yes, async () => !(await yes.isVisible()));
}

async function titles() {
  await window.putCursor('def slug');
  await window.openMenu('Write tests for slug');
  const found = (await window.entries().allInnerTexts()).join('\n');
  await window.press('Escape');
  return found;
}

scenario('in a folder that is not trusted no process is started, and the status item says why', async () => {
  projectHost = await openRestricted('project');
  await window.tab('slugs.py').waitFor();
  // The walkthrough does not take the place of a file that is open: it is offered.
  await window.answerToast('Tierwise is installed', 'Getting started');
  await window.page.locator('.getting-started-step').first().waitFor();
  await window.command('View: Close Editor');
  await window.tab('slugs.py').waitFor();
  const said = window.toast('nothing is started in a folder that is not trusted');
  for (const command of ['Set up the server', 'Document', 'Use Ollama', 'Doctor']) {
    await window.command(`Tierwise: ${command}`);
    await said.first().waitFor();
    await window.command('Notifications: Clear All Notifications');
    await said.first().waitFor({ state: 'detached' });
  }
  assert.deepEqual(environments(), []);
  await window.command('Tierwise: Document');
  await said.first().waitFor();
  await window.picture('restricted');
  await window.answerToast('nothing is started in a folder that is not trusted', 'Manage Workspace Trust');
  const yes = window.page.getByRole('button', { name: 'Trust', exact: true }).first();
  await yes.waitFor();
  await window.command('View: Close Editor');
  await yes.waitFor({ state: 'hidden' });
  await window.clickStatus();
  await yes.waitFor();
  assert.deepEqual(startedBy(projectHost), []);
  assert.equal(fs.existsSync(sandbox.at('was-run')), false);
});

scenario('the walkthrough has greeted', async () => {
  await window.command('Tierwise: Getting started');
  const steps = window.page.locator('.getting-started-step');
  await steps.first().waitFor();
  const heads = await steps.locator('h3').allInnerTexts();
  assert.deepEqual(heads.map((title) => title.trim()), ['Set up the server', 'Choose where models run', 'Ask the doctor', 'Try an action']);
  await window.picture('walkthrough');
});

scenario('once the folder is trusted it begins without a reload, and without a network it says so', async () => {
  await trust();
  const sentence = window.toast('could not be fetched, check the network');
  await sentence.getByRole('button', { name: 'Try again' }).waitFor({ timeout: SETUP_MS });
  await window.picture('offline');
  assert.deepEqual(environments(), []);
  assert.deepEqual(sandbox.processes().filter(({ words }) => /venv|\0pip\0/.test(words)), []);
});

scenario('with a network the server is set up while a notification shows it', async () => {
  sandbox.write('pip.conf', ONLINE);
  await window.answerToast('could not be fetched', 'Try again');
  const bar = window.bar('setting up the server');
  await bar.waitFor();
  await window.picture('setting-up');
  await until(async () => /Tierwise: ready|¢/.test(await window.status().innerText()), SETUP_MS);
  await bar.waitFor({ state: 'detached' });
  assert.equal(environments().length, 1);
  const [pid] = sandbox.servers();
  const started = fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  const made = sandbox.at(`data/User/globalStorage/tierwise.tierwise/${environments()[0]}/`);
  assert.ok(started.startsWith(made), started);
  // That nothing was noted before says something only because this is.
  const noted = startedBy(projectHost);
  for (const part of ['-m venv', '-m pip install', '-m tierwise serve']) assert.ok(noted.some((words) => words.includes(part)), part);
});

scenario('a trusted folder is obeyed, but never in what names a program', async () => {
  await window.command('View: Close All Editors');
  await window.openFile('slugs.py');
  const found = await titles();
  assert.doesNotMatch(found, /Document slug/);
  assert.doesNotMatch(found, /Refactor slug/);
  assert.equal(fs.existsSync(sandbox.at('was-run')), false);
});

scenario('a server that is there is not started for another folder either, before it is trusted', async () => {
  const trusted = window;
  const running = sandbox.servers();
  assert.deepEqual(startedBy(await openRestricted('other')), []);
  assert.equal(fs.existsSync(sandbox.at('was-run')), false);
  assert.deepEqual(sandbox.servers(), running);
  await window.picture('restricted-other');
  await window.close();
  window = trusted;
});

scenario('an environment that has gone is made again', async () => {
  await window.command('Tierwise: Stop server');
  await until(() => sandbox.servers().length === 0);
  const folder = sandbox.at(`data/User/globalStorage/tierwise.tierwise/${environments()[0]}`);
  fs.rmSync(folder, { recursive: true });
  await window.command('Tierwise: Start server');
  await until(async () => /Tierwise: ready|¢/.test(await window.status().innerText()), SETUP_MS);
  assert.ok(fs.existsSync(path.join(folder, 'pyvenv.cfg')));
});

/** Press a button of the step about models, which is opened for it; the walkthrough may close it as others are done. */
async function choose(name, result) {
  const step = window.page.locator('.getting-started-step', { hasText: 'Choose where models run' }).first();
  const button = window.page.getByRole('button', { name }).first();
  await until(async () => {
    if (!(await button.isVisible())) await step.click({ timeout: 3000 });
    await button.waitFor({ timeout: 3000 });
    await window.picture('walkthrough-models');
    await button.click({ timeout: 3000 });
    return await until(() => result.isVisible(), 8000);
  });
}

scenario('the step of the walkthrough is done, and each choice of the next one works', async () => {
  await window.command('Tierwise: Getting started');
  const done = window.page.locator('.getting-started-step', { hasText: 'Set up the server' }).locator('.codicon-getting-started-step-checked');
  await done.first().waitFor();
  const pull = window.toast('ollama pull tiny:1b').getByRole('button', { name: 'Type it into a terminal' });
  await choose('Use Ollama', pull);
  await window.picture('ollama-pull');
  pulled = ['tiny:1b'];
  await window.command('Tierwise: Use Ollama');
  await window.toast("Ollama is there with 'tiny:1b'").waitFor();
  await window.command('Tierwise: Getting started');
  await choose('Set an API key', window.row('work'));
  await window.picture('key-servers');
  await window.press('Escape');
  await window.page.locator('.quick-input-widget').first().waitFor({ state: 'hidden' });
  await window.command('Tierwise: Install the embedded model');
  await window.toast('the embedded model is ready').waitFor({ timeout: SETUP_MS });
  await window.picture('embedded');
  const parts = JSON.parse(fs.readFileSync(sandbox.at(`data/User/globalStorage/tierwise.tierwise/${environments()[0]}/complete.json`), 'utf8'));
  assert.deepEqual(parts.extras, ['embedded']);
  await window.command('Notifications: Clear All Notifications');
  await window.ready();
});

scenario('a key goes to its own server, into no log and no environment', async () => {
  // The walkthrough takes the focus, and closes what is open, whenever one of its steps is done.
  await window.command('View: Close All Editors');
  await window.command('Tierwise: Set API key');
  await window.row('work').waitFor();
  const search = window.page.locator('.quick-input-widget input').first();
  await search.fill('work');
  await search.press('Enter');
  const box = window.page.locator('.quick-input-widget input[type=password]');
  await box.waitFor();
  await box.fill(SECRET);
  await window.picture('key-typed');
  await box.press('Enter');
  await until(() => calls.includes(`Bearer ${SECRET}`));
  const [pid] = sandbox.servers();
  for (const file of ['environ', 'cmdline']) assert.ok(!fs.readFileSync(`/proc/${pid}/${file}`, 'utf8').includes(SECRET), file);
});

scenario('a problem is reported in a document, without the key', async () => {
  await window.command('Tierwise: Report a problem');
  await window.line('Problem with Tierwise').first().waitFor();
  await window.picture('problem');
  await window.page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  const text = await until(async () => {
    await window.press('Control+A', 'Control+C');
    const copied = await window.page.evaluate(() => navigator.clipboard.readText());
    return copied.includes('## Log') && copied;
  });
  assert.match(text, /## Versions[^]*- Server: \d[^]*work\/m[^]*## Log/);
  assert.ok(!text.includes(SECRET) && !text.includes(sandbox.at('project')));
  await window.command('View: Revert and Close Editor');
});

scenario('a reload leaves one server, and the extension host that is killed leaves none', async () => {
  await window.reload();
  await window.openFile('slugs.py');
  await window.ready();
  await until(() => sandbox.servers().length === 1);
  assert.equal(environments().length, 1, 'it was set up once');
  assert.equal(await window.page.locator('.getting-started-step').count(), 0, 'it greets once');
  await until(() => calls.at(-1) === `Bearer ${SECRET}`);
  const [pid] = sandbox.servers();
  const host = Number(/^\d+ \(.*\) \S (\d+)/s.exec(fs.readFileSync(`/proc/${pid}/stat`, 'utf8'))[1]);
  process.kill(host, 'SIGKILL');
  await until(() => !fs.existsSync(`/proc/${pid}`));
});

scenario('the editor says how long activation took', async () => {
  // Two files are read and a function is called; the protocol's client comes later and is not waited for.
  await window.reload();
  await window.openFile('slugs.py');
  await window.ready();
  await window.command('Developer: Show Running Extensions');
  const row = window.page.locator('.runtime-extensions-editor .extension', { hasText: 'Tierwise' }).first();
  const took = await until(async () => /Activation: (\d+)\s*ms/.exec(await row.innerText())?.[1]);
  await window.picture('activation');
  // How long it takes says more of what else the machine does, so it is shown and not judged.
  console.log(`activation: ${took} ms`);
  await window.close();
});

scenario('the suites inside the extension host pass', async () => {
  sandbox.installExtension(path.resolve(here, '../../client-vscode/dist-host/host-tests.vsix'));
  const result = sandbox.at('host-result.json');
  const mocha = path.join(here, 'node_modules/mocha/index.js');
  sandbox.write('host/host-tests.json', JSON.stringify({ mocha, result }));
  sandbox.write('host/.vscode/settings.json', JSON.stringify({ 'tierwise.server.path': sandbox.at('trap') }));
  sandbox.write('data/User/settings.json', JSON.stringify({ ...sandbox.user, 'security.workspace.trust.enabled': false }));
  window = await Window.open(browser, editor, sandbox.at('host'));
  await until(() => fs.existsSync(result), SETUP_MS);
  const { passed, failed } = JSON.parse(fs.readFileSync(result, 'utf8'));
  for (const title of passed) console.log(`✔ ${title}`);
  assert.deepEqual(failed, []);
  assert.ok(passed.length >= 20, `${passed.length} tests ran`);
  await window.close();
  await until(() => sandbox.servers().length === 0);
  assert.deepEqual([...window.strangers], []);
});
