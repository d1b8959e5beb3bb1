/** One window at a time: a lock in a file that names its holder and is touched while it is held. */
import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const BEAT_MS = 2_000;
/** A holder that has not touched its lock for so long, by the watcher's own clock, is gone, whatever its process id says. */
const STALE_MS = 30_000;
const POLL_MS = 250;

/** Do some work while nobody else does; `onWait` is called once if somebody else is at it. */
export async function withLock<T>(
  file: string,
  signal: AbortSignal,
  work: () => Promise<T>,
  onWait: () => void = () => undefined,
): Promise<T> {
  await acquire(file, signal, onWait);
  const beat = setInterval(() => {
    const now = new Date();
    void utimes(file, now, now).catch(() => undefined);
  }, BEAT_MS);
  try {
    return await work();
  } finally {
    clearInterval(beat);
    await rm(file, { force: true });
  }
}

async function acquire(file: string, signal: AbortSignal, onWait: () => void): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  const mine = JSON.stringify({ pid: process.pid, id: randomUUID() });
  let hasWaited = false;
  const isStill = watchStanding(file);
  for (;;) {
    signal.throwIfAborted();
    if (await created(file, mine)) return;
    if (!hasWaited) onWait();
    hasWaited = true;
    if ((await isStill()) || (await isAbandoned(file))) await rm(file, { force: true });
    else await pause(POLL_MS, undefined, { signal });
  }
}

async function created(file: string, content: string): Promise<boolean> {
  try {
    await writeFile(file, content, { flag: 'wx' });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
  // Two windows may have taken the same stale lock away; whoever wrote last holds it, after a moment for both to write.
  await pause(POLL_MS / 5);
  return (await readFile(file, 'utf8').catch(() => '')) === content;
}

/**
 * Tells each time whether the lock has been left alone for long. The time it bears is compared with itself only: clocks
 * are set, and a folder may lie on a machine with another one.
 */
function watchStanding(file: string): () => Promise<boolean> {
  let seen: number | undefined;
  let since = performance.now();
  return async () => {
    const touched = await stat(file).then(({ mtimeMs }) => mtimeMs, () => undefined);
    if (touched !== seen) since = performance.now();
    seen = touched;
    return touched !== undefined && STALE_MS < performance.now() - since;
  };
}

async function isAbandoned(file: string): Promise<boolean> {
  try {
    return !isAlive(await readFile(file, 'utf8'));
  } catch {
    // It has been given back meanwhile.
    return false;
  }
}

function isAlive(content: string): boolean {
  const pid = /"pid":(\d+)/.exec(content)?.[1];
  // Written in two steps by the system: one that is still empty has a living owner.
  if (pid === undefined) return true;
  try {
    process.kill(Number(pid), 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
