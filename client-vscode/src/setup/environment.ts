/**
 * The environment that carries the server: made once for each version of the extension, beside each other so that a
 * window that still runs the version before keeps its files.
 */
import { mkdir, readFile, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { SetupError, failureOf, failureOfError, type Scene } from './failures';
import { withLock } from './lock';
import { childEnvironment, runProgram, type Outcome } from './processes';
import { findProgram, findPython, isExecutable, type Python } from './pythons';

/** What the extension brings: written beside the wheel when the extension is packed. */
export interface Bundle {
  wheel: string;
  version: string;
  sha256: string;
}

/** Where and with what an environment is made. */
export interface Site {
  /** The extension's own folder for data of all windows. */
  root: string;
  /** The folder of the wheel. */
  wheels: string;
  bundle: Bundle;
  /** Interpreters to try before those on PATH. */
  preferred: readonly string[];
  /** Parts of the package that were asked for beside it, such as `embedded`. */
  extras: readonly string[];
  env: NodeJS.ProcessEnv;
  /** The editor's proxy; empty where none is set. */
  proxy: string;
}

export interface Work {
  signal: AbortSignal;
  /** One line for the notification. */
  report(words: string): void;
  /** One line for the log. */
  log(line: string): void;
}

const DONE = 'complete.json';
const DIGEST_CHARS = 8;
const UNUSED_MS = 7 * 24 * 3_600_000;

/** The folder of the environment for this version of the extension. */
export function folderOf({ root, bundle }: Site): string {
  return path.join(root, `server-${bundle.version}-${bundle.sha256.slice(0, DIGEST_CHARS)}`);
}

/** The Python in an environment. */
export function pythonIn(folder: string): string {
  return process.platform === 'win32' ? path.join(folder, 'Scripts', 'python.exe') : path.join(folder, 'bin', 'python');
}

/** The interpreter of a finished environment; undefined where there is none or its Python has gone. */
export async function existing(site: Site): Promise<string | undefined> {
  const folder = folderOf(site);
  const python = pythonIn(folder);
  const has = await extrasIn(folder);
  if (has === undefined || !site.extras.every((extra) => has.includes(extra)) || !(await isExecutable(python))) return undefined;
  const now = new Date();
  await utimes(path.join(folder, DONE), now, now).catch(() => undefined);
  return python;
}

async function extrasIn(folder: string): Promise<string[] | undefined> {
  try {
    const done = JSON.parse(await readFile(path.join(folder, DONE), 'utf8')) as { extras?: string[] };
    return done.extras ?? [];
  } catch {
    return undefined;
  }
}

/** Make the environment unless it is there; its interpreter. Rejects with a SetupError. */
export async function make(site: Site, work: Work): Promise<string> {
  const scene: Scene = { folder: folderOf(site) };
  try {
    await mkdir(site.root, { recursive: true });
    const waiting = (): void => {
      work.report('another window is setting it up');
    };
    return await withLock(path.join(site.root, 'setup.lock'), work.signal, () => makeAlone(site, scene, work), waiting);
  } catch (error) {
    if (!(error instanceof SetupError)) work.log(String(error));
    throw new SetupError(failureOfError(error, scene));
  }
}

async function makeAlone(site: Site, scene: Scene, work: Work): Promise<string> {
  const ready = await existing(site);
  if (ready !== undefined) return ready;
  const { folder } = scene;
  const python = pythonIn(folder);
  const isThere = (await extrasIn(folder)) !== undefined && (await isExecutable(python));
  try {
    if (!isThere) await makeEmpty(site, scene, work);
    await install(site, scene, work);
    work.report('checking');
    await run(site, scene, work, python, ['-I', '-c', 'import tierwise, tierwise.lsp.server']);
    await writeFile(path.join(folder, DONE), JSON.stringify({ ...site.bundle, extras: site.extras }));
  } catch (error) {
    // One that lacks nothing but a further part still serves.
    if (!isThere) await rm(folder, { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined);
    throw error;
  }
  await removeUnused(site);
  return python;
}

async function makeEmpty(site: Site, scene: Scene, work: Work): Promise<void> {
  await rm(scene.folder, { recursive: true, force: true, maxRetries: 3 });
  const surroundings = { env: childEnvironment(site.env), cwd: site.root, signal: work.signal };
  const uv = await findUv(site);
  work.report('looking for Python');
  if (uv !== undefined) {
    // uv finds a Python by itself, and can fetch one where there is none.
    const found = await findPython(site.preferred, surroundings).catch(() => undefined);
    scene.python = found;
    work.report('making the environment');
    await run(site, scene, work, uv, ['venv', '--no-project', '--python', found?.path ?? '>=3.11', scene.folder]);
    return;
  }
  const python: Python = await findPython(site.preferred, surroundings);
  scene.python = python;
  work.report(`making the environment with Python ${python.version}`);
  await run(site, scene, work, python.path, ['-I', '-m', 'venv', scene.folder]);
}

async function install(site: Site, scene: Scene, work: Work): Promise<void> {
  const python = pythonIn(scene.folder);
  const requirement = requirementOf(site);
  work.report('fetching packages');
  const uv = await findUv(site);
  // Only what is built already: a package that has to be built runs whatever it likes.
  const args =
    uv === undefined
      ? ['-I', '-m', 'pip', 'install', '--no-input', '--disable-pip-version-check', '--only-binary=:all:', requirement]
      : ['pip', 'install', '--python', python, '--compile-bytecode', '--only-binary=:all:', requirement];
  try {
    await run(site, scene, work, uv ?? python, args);
  } catch (error) {
    const mayBeSilent = uv === undefined && error instanceof SetupError && error.failure.kind === 'no-package';
    if (!mayBeSilent) throw error;
    // Without retries pip does not say that it reached nobody, and of a server's refusal never; it does when asked to tell more.
    await run(site, scene, work, python, [...args, '-vv', '--retries=0']);
  }
}

/** What is installed, as pip and uv write it: the wheel that came with the extension, with its wanted parts. */
export function requirementOf({ wheels, bundle, extras }: Site): string {
  // The sandbox is a program that is built for this kind of machine only.
  const sandbox = process.platform === 'linux' && process.arch === 'x64' ? ['sandbox'] : [];
  const parts = [...sandbox, ...extras].join(',');
  return `tierwise${parts === '' ? '' : `[${parts}]`} @ ${pathToFileURL(path.join(wheels, bundle.wheel)).href}`;
}

function findUv(site: Site): Promise<string | undefined> {
  return findProgram(process.platform === 'win32' ? 'uv.exe' : 'uv', site.env);
}

async function run(site: Site, scene: Scene, work: Work, command: string, args: readonly string[]): Promise<Outcome> {
  work.log(`running ${[command, ...args].join(' ')}`);
  const env = childEnvironment(site.env, site.proxy);
  const onLine = (line: string): void => {
    work.log(line);
    const step = stepOf(line);
    if (step !== undefined) work.report(step);
  };
  const outcome = await runProgram(command, args, { cwd: site.root, env, signal: work.signal, onLine });
  if (outcome.code !== 0) throw new SetupError(failureOf(outcome.output, scene));
  return outcome;
}

/** What a line of pip's or uv's output says to somebody who waits. */
export function stepOf(line: string): string | undefined {
  const collecting = /^Collecting ([\w.-]+)/.exec(line)?.[1];
  if (collecting !== undefined) return `fetching ${collecting}`;
  if (/^(Installing collected packages|Prepared \d+ packages)/.test(line)) return 'installing';
  return undefined;
}

/** Take away environments of other versions that no window has started a server from for a week, and broken ones. */
async function removeUnused(site: Site): Promise<void> {
  const own = path.basename(folderOf(site));
  for (const name of await readdir(site.root)) {
    if (!name.startsWith('server-') || name === own) continue;
    const folder = path.join(site.root, name);
    const used = await stat(path.join(folder, DONE)).catch(() => undefined);
    if (used !== undefined && Date.now() - used.mtimeMs < UNUSED_MS) continue;
    // Windows keeps files in use; the next time will do.
    await rm(folder, { recursive: true, force: true }).catch(() => undefined);
  }
}
