import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isAtLeast, parseVersion, type Version } from '../src/versions';

test('versions are read as Python writes them', () => {
  const cases: [string, Version | null][] = [
    ['0.1.0', [0, 1, 0]],
    ['v2.10', [2, 10, 0]],
    ['1.2.3rc1', [1, 2, 3]],
    [' 1.2.3.dev4+g1 ', [1, 2, 3]],
    ['', null],
    ['seven', null],
    ['7', null],
  ];
  for (const [written, version] of cases) assert.deepEqual(parseVersion(written), version, written);
});

test('numbers are compared as numbers', () => {
  assert.ok(isAtLeast([0, 1, 0], [0, 1, 0]));
  assert.ok(isAtLeast([0, 10, 0], [0, 9, 9]));
  assert.ok(isAtLeast([1, 0, 0], [0, 99, 99]));
  assert.ok(!isAtLeast([0, 9, 9], [0, 10, 0]));
  assert.ok(!isAtLeast([1, 0, 0], [1, 0, 1]));
});
