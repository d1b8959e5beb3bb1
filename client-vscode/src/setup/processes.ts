/** Child processes of setting up: bounded, ended with their children when the user cancels, never in the workspace. */
import { spawn } from 'node:child_process';

export interface Outcome {
  code: number | null;
  output: string;
}

const KEPT_CHARS = 100_000;
/** Everything a tool of ours has no use for: what changes Python's behavior, and other programs' secrets. */
const UNWANTED = /^(PYTHON|VIRTUAL_ENV$|CONDA_)|(_API_KEY|_TOKEN|SECRET|PASSWORD)$/i;
const TOOLS_OWN = /^(PIP|UV)_/;

/** The surroundings of a child: ours without what it must not see; a proxy only where none is named yet. */
export function childEnvironment(env: NodeJS.ProcessEnv, proxy = ''): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(([name]) => TOOLS_OWN.test(name) || !UNWANTED.test(name));
  const hasProxy = kept.some(([name, value]) => /^(https?|all)_proxy$/i.test(name) && value !== '');
  const proxies = proxy === '' || hasProxy ? {} : { HTTP_PROXY: proxy, HTTPS_PROXY: proxy };
  return { ...Object.fromEntries(kept), ...proxies };
}

/** Run a program to its end; rejects with an AbortError when cancelled, and when it cannot be started. */
export function runProgram(
  command: string,
  args: readonly string[],
  options: { cwd: string; env: NodeJS.ProcessEnv; signal: AbortSignal; onLine?: (line: string) => void },
): Promise<Outcome> {
  const { cwd, env, signal, onLine } = options;
  return new Promise((settle, refuse) => {
    signal.throwIfAborted();
    // Leads a group of its own where there are groups, so that what it starts ends with it.
    const isGrouped = process.platform !== 'win32';
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], detached: isGrouped, windowsHide: true });
    let output = '';
    let rest = '';
    const read = (piece: string): void => {
      output = (output + piece).slice(-KEPT_CHARS);
      const lines = (rest + piece).split(/\r?\n/);
      rest = lines.pop() ?? '';
      for (const line of lines) if (line.trim() !== '') onLine?.(line.trim());
    };
    const abort = (): void => {
      endGroup(child.pid, isGrouped);
    };
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', read);
    signal.addEventListener('abort', abort, { once: true });
    child.once('error', (error) => {
      signal.removeEventListener('abort', abort);
      refuse(error);
    });
    child.once('close', (code) => {
      signal.removeEventListener('abort', abort);
      if (signal.aborted) refuse(new DOMException('cancelled', 'AbortError'));
      else settle({ code, output });
    });
  });
}

function endGroup(pid: number | undefined, isGrouped: boolean): void {
  if (pid === undefined) return;
  try {
    process.kill(isGrouped ? -pid : pid, 'SIGKILL');
  } catch {
    // It has ended by itself meanwhile.
  }
}
