import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CrashLog } from '../src/crashes';

const MINUTE = 60_000;

test('waits longer after each crash and gives up after the third', () => {
  const log = new CrashLog();
  assert.deepEqual([log.add(0), log.add(2_000), log.add(8_000), log.add(30_000)], [1_000, 4_000, 15_000, null]);
});

test('crashes long ago do not count', () => {
  const log = new CrashLog();
  assert.deepEqual([log.add(0), log.add(4 * MINUTE), log.add(8 * MINUTE), log.add(12 * MINUTE)], [1_000, 1_000, 1_000, 1_000]);
});

test('a start by hand forgets them', () => {
  const log = new CrashLog();
  for (const moment of [0, 1, 2, 3]) log.add(moment);
  log.clear();
  assert.equal(log.add(4), 1_000);
});
