/** The Pythons of this machine that an environment could be made with. */
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import path from 'node:path';
import { isAtLeast, parseVersion, type Version } from '../versions';
import { SetupError, noPython, noVenv, tooOld } from './failures';
import { runProgram } from './processes';

/** A Python that was asked about itself. */
export interface Python {
  path: string;
  version: string;
  hasVenv: boolean;
}

export const OLDEST_PYTHON: Version = [3, 11, 0];
const NAMES = ['python3.13', 'python3.12', 'python3.11', 'python3.14', 'python3', 'python'];
const WINDOWS_NAMES = ['py.exe', 'python.exe', 'python3.exe'];
const PATIENCE_MS = 15_000;
const QUESTION =
  "import importlib.util as u, sys; print('tierwise', '.'.join(map(str, sys.version_info[:3]))," +
  " all(map(u.find_spec, ('venv', 'ensurepip'))), sys.executable)";

/** Where a program is, looked for in absolute entries of PATH only: a relative one leads into whatever folder is open. */
export async function findProgram(name: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  for (const folder of (env['PATH'] ?? env['Path'] ?? '').split(path.delimiter)) {
    if (!path.isAbsolute(folder)) continue;
    const candidate = path.join(folder, name);
    if (await isExecutable(candidate)) return candidate;
  }
  return undefined;
}

export function isExecutable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}

/** The first Python that is new enough and can make environments; `preferred` are asked before those on PATH. */
export async function findPython(
  preferred: readonly string[],
  surroundings: { env: NodeJS.ProcessEnv; cwd: string; signal: AbortSignal },
): Promise<Python> {
  const seen: Python[] = [];
  const names = process.platform === 'win32' ? WINDOWS_NAMES : NAMES;
  const onPath = await Promise.all(names.map((name) => findProgram(name, surroundings.env)));
  for (const candidate of new Set([...preferred, ...onPath])) {
    if (candidate === undefined) continue;
    const python = await inspect(candidate, surroundings);
    if (python === undefined) continue;
    if (isNewEnough(python) && python.hasVenv) return python;
    seen.push(python);
  }
  throw new SetupError(complaint(seen));
}

function complaint(seen: readonly Python[]): ReturnType<typeof noPython> {
  const withoutVenv = seen.find(isNewEnough);
  if (withoutVenv !== undefined) return noVenv(withoutVenv);
  const newest = seen.reduce<Python | undefined>((best, one) => (best === undefined || isNewer(one, best) ? one : best), undefined);
  return newest === undefined ? noPython() : tooOld(newest);
}

function isNewer(one: Python, other: Python): boolean {
  return !isAtLeast(parseVersion(other.version) ?? OLDEST_PYTHON, parseVersion(one.version) ?? OLDEST_PYTHON);
}

function isNewEnough(python: Python): boolean {
  const version = parseVersion(python.version);
  return version !== null && isAtLeast(version, OLDEST_PYTHON);
}

/** Ask a Python about itself; undefined for what is none, such as the stub that opens a shop window. */
export async function inspect(
  file: string,
  { env, cwd, signal }: { env: NodeJS.ProcessEnv; cwd: string; signal: AbortSignal },
): Promise<Python | undefined> {
  try {
    const patience = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]);
    const { code, output } = await runProgram(file, ['-I', '-c', QUESTION], { env, cwd, signal: patience });
    const found = /^tierwise (\S+) (True|False) (.+)$/m.exec(output);
    if (code !== 0 || found === null) return undefined;
    return { path: found[3]?.trim() ?? file, version: found[1] ?? '', hasVenv: found[2] === 'True' };
  } catch (error) {
    if (signal.aborted) throw error;
    return undefined;
  }
}
