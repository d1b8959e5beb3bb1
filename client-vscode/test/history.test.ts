import assert from 'node:assert/strict';
import { test } from 'node:test';
import { choices, remember } from '../src/history';

test('a new instruction comes first, an old one moves there', () => {
  assert.deepEqual(remember(['b', 'a'], 'c'), ['c', 'b', 'a']);
  assert.deepEqual(remember(['b', 'a'], 'a'), ['a', 'b']);
});

test('the history does not grow without end', () => {
  const long = Array.from({ length: 60 }, (_, index) => `instruction ${index}`);
  const kept = remember(long, 'new');
  assert.equal(kept.length, 50);
  assert.equal(kept[0], 'new');
  assert.equal(kept.at(-1), 'instruction 48');
});

test('what is typed is the first choice, then what fits it', () => {
  const history = ['add logging', 'accept None', 'add a cache'];
  assert.deepEqual(choices(history, ''), history);
  assert.deepEqual(choices(history, ' a CACHE '), ['a CACHE', 'add a cache']);
  assert.deepEqual(choices(history, 'accept None'), ['accept None']);
  assert.deepEqual(choices(history, 'sort it'), ['sort it']);
});
