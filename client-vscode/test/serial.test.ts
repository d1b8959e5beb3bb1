import assert from 'node:assert/strict';
import { test } from 'node:test';
import { oneAtATime } from '../src/serial';

/** A job whose every run waits until it is let go. */
function gated(): { run: () => Promise<void>; began: string[]; release: ((error?: Error) => void)[] } {
  const began: string[] = [];
  const release: ((error?: Error) => void)[] = [];
  const job = (): Promise<void> =>
    new Promise((settle, refuse) => {
      began.push(`run ${began.length + 1}`);
      release.push((error) => {
        if (error === undefined) settle();
        else refuse(error);
      });
    });
  return { run: oneAtATime(job), began, release };
}

test('requests during a run share one more run', async () => {
  const { run, began, release } = gated();
  const first = run();
  const waiting = [run(), run(), run()];
  assert.deepEqual(began, ['run 1']);
  release[0]?.();
  await first;
  await new Promise(setImmediate);
  assert.deepEqual(began, ['run 1', 'run 2']);
  release[1]?.();
  await Promise.all(waiting);
  assert.deepEqual(began, ['run 1', 'run 2']);
});

test('a request after the waiting run began gets a run of its own', async () => {
  const { run, began, release } = gated();
  const first = run();
  const second = run();
  release[0]?.();
  await first;
  await new Promise(setImmediate);
  const third = run();
  release[1]?.();
  await second;
  await new Promise(setImmediate);
  assert.deepEqual(began, ['run 1', 'run 2', 'run 3']);
  release[2]?.();
  await third;
});

test('a run that fails does not stop the next', async () => {
  const { run, began, release } = gated();
  const first = run();
  const second = run();
  release[0]?.(new Error('no'));
  await assert.rejects(first, /no/);
  await new Promise(setImmediate);
  release[1]?.();
  await second;
  assert.equal(began.length, 2);
});
