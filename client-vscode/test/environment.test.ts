import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { existing, folderOf, make, requirementOf, stepOf, type Site, type Work } from '../src/setup/environment';
import { SetupError } from '../src/setup/failures';
import { withLock } from '../src/setup/lock';

const NEVER = new AbortController().signal;
const QUIET: Work = { signal: NEVER, report: () => undefined, log: () => undefined };

/** A site in a folder of its own, whose PATH has the given scripts only. */
function siteWith(t: TestContext, programs: Record<string, string>): Site {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tierwise-setup-'));
  t.after(() => {
    fs.rmSync(folder, { recursive: true, force: true });
  });
  const bin = path.join(folder, 'bin');
  fs.mkdirSync(bin);
  for (const [name, script] of Object.entries(programs)) {
    fs.writeFileSync(path.join(bin, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  }
  const bundle = { wheel: 'tierwise-1.0.0-py3-none-any.whl', version: '1.0.0', sha256: 'ab'.repeat(32) };
  const env = { PATH: bin, HOME: folder, CALLS: path.join(folder, 'calls') };
  return { root: path.join(folder, 'data'), wheels: folder, bundle, preferred: [], extras: [], env, proxy: '' };
}

/** A Python that answers questions, makes an environment of itself, and carries out `install` when pip is asked. */
function python(version: string, { venv = 'True', install = 'exit 0' } = {}): string {
  return `
echo "$*" >> "$CALLS"
case "$*" in
  *"find_spec"*) echo "tierwise ${version} ${venv} $0" ;;
  *"-m venv"*) for last; do :; done; /bin/mkdir -p "$last/bin"; /bin/cp "$0" "$last/bin/python" ;;
  *"-m pip"*) ${install} ;;
esac`;
}

async function failureOfMaking(site: Site): Promise<string> {
  const error = await make(site, QUIET).then(
    () => assert.fail('nothing went wrong'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof SetupError);
  return error.failure.kind;
}

function calls(site: Site, of: string): number {
  return fs.readFileSync(site.env['CALLS'] ?? '', 'utf8').split('\n').filter((line) => line.includes(of)).length;
}

test('without any Python, with an old one, and with one that makes no environments', async (t) => {
  assert.equal(await failureOfMaking(siteWith(t, {})), 'no-python');
  assert.equal(await failureOfMaking(siteWith(t, { python3: 'exit 9' })), 'no-python');
  assert.equal(await failureOfMaking(siteWith(t, { python3: python('3.9.2') })), 'too-old');
  assert.equal(await failureOfMaking(siteWith(t, { python3: python('3.12.1', { venv: 'False' }) })), 'no-venv');
});

test('the first Python that serves is taken, and made once', async (t) => {
  const site = siteWith(t, { 'python3.12': python('3.12.1', { venv: 'False' }), python3: python('3.11.2') });
  const [one, other] = await Promise.all([make(site, QUIET), make(site, QUIET)]);
  assert.equal(one, other);
  assert.equal(one, await existing(site));
  assert.equal(calls(site, '-m pip install'), 1);
  await make(site, QUIET);
  assert.equal(calls(site, '-m pip install'), 1);
});

test('uv is taken where it is', async (t) => {
  const uv = 'echo "uv $*" >> "$CALLS"; case "$1" in venv) for last; do :; done; /bin/mkdir -p "$last/bin"; /bin/cp "${0%uv}python3" "$last/bin/python" ;; esac';
  const site = siteWith(t, { uv, python3: python('3.13.0') });
  await make(site, QUIET);
  assert.equal(calls(site, 'uv pip install'), 1);
  assert.equal(calls(site, '-m pip'), 0);
});

test('what fails half way leaves nothing that looks finished', async (t) => {
  const install = 'echo "OSError: [Errno 28] No space left on device"; exit 1';
  const site = siteWith(t, { python3: python('3.11.2', { install }) });
  assert.equal(await failureOfMaking(site), 'disk-full');
  assert.equal(await existing(site), undefined);
  assert.equal(fs.existsSync(folderOf(site)), false);
});

test('a network that pip does not speak of is asked about, and a package that is not there is not mistaken for one', async (t) => {
  const none = 'ERROR: No matching distribution found for apsw';
  const silent = `case "$*" in *-vv*) echo "Caused by NewConnectionError: Failed to establish a new connection" ;; esac; echo "${none}"; exit 1`;
  const site = siteWith(t, { python3: python('3.11.2', { install: silent }) });
  assert.equal(await failureOfMaking(site), 'no-network');
  assert.equal(calls(site, '-m pip install'), 2);
  const missing = siteWith(t, { python3: python('3.11.2', { install: `echo "${none}"; exit 1` }) });
  assert.equal(await failureOfMaking(missing), 'no-package');
});

test('cancelling ends what runs and its children', { timeout: 60_000 }, async (t) => {
  const site = siteWith(t, { python3: python('3.11.2', { install: '/bin/sleep 300 & echo Collecting apsw; echo $! > "$CALLS.pid"; wait' }) });
  const stopping = new AbortController();
  const report = (words: string): void => {
    if (words === 'fetching apsw') setTimeout(() => { stopping.abort(); }, 200);
  };
  await assert.rejects(make(site, { ...QUIET, signal: stopping.signal, report }), /cancelled/);
  const pid = Number(fs.readFileSync(`${site.env['CALLS'] ?? ''}.pid`, 'utf8'));
  const state = fs.existsSync(`/proc/${pid}/stat`) ? fs.readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.[0] : 'gone';
  assert.ok(state === 'gone' || state === 'Z', state);
  assert.equal(fs.existsSync(folderOf(site)), false);
});

test('a newer version gets an environment of its own, and old ones go when nobody has used them for long', async (t) => {
  const site = siteWith(t, { python3: python('3.11.2') });
  await make(site, QUIET);
  const newer = { ...site, bundle: { ...site.bundle, version: '1.1.0' } };
  await make(newer, QUIET);
  assert.ok(fs.existsSync(folderOf(site)), 'another window may still run it');
  const longAgo = new Date(Date.now() - 30 * 24 * 3_600_000);
  fs.utimesSync(path.join(folderOf(site), 'complete.json'), longAgo, longAgo);
  const newest = { ...site, bundle: { ...site.bundle, version: '1.2.0' } };
  await make(newest, QUIET);
  assert.deepEqual([site, newer, newest].map((one) => fs.existsSync(folderOf(one))), [false, true, true]);
});

test('a further part is added to the environment that is there', async (t) => {
  const site = siteWith(t, { python3: python('3.11.2') });
  await make(site, QUIET);
  const more = { ...site, extras: ['embedded'] };
  assert.equal(await existing(more), undefined);
  await make(more, QUIET);
  assert.equal(calls(site, '-m venv'), 1);
  assert.match(requirementOf(more), /^tierwise\[.*embedded\] @ file:\/\//);
  assert.notEqual(await existing(more), undefined);
});

test('a lock is taken over from a process that is gone, and only then', async (t) => {
  const { root } = siteWith(t, {});
  fs.mkdirSync(root, { recursive: true });
  const file = path.join(root, 'setup.lock');
  const gone = spawn('/bin/true');
  await once(gone, 'exit');
  fs.writeFileSync(file, JSON.stringify({ pid: gone.pid }));
  assert.equal(await withLock(file, NEVER, () => Promise.resolve('done')), 'done');
  fs.writeFileSync(file, JSON.stringify({ pid: process.ppid }));
  // As if the clock had been set meanwhile: what lives is believed to live.
  fs.utimesSync(file, 0, 0);
  const waits = new AbortController();
  await assert.rejects(withLock(file, waits.signal, () => Promise.resolve(), () => { waits.abort(); }), { name: 'AbortError' });
});

test('what pip says becomes a step', () => {
  assert.equal(stepOf('Collecting pydantic-core==2.4 (from pydantic)'), 'fetching pydantic-core');
  assert.equal(stepOf('Installing collected packages: a, b'), 'installing');
  assert.equal(stepOf('  Downloading x.whl'), undefined);
});
