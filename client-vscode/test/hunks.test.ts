import assert from 'node:assert/strict';
import { test } from 'node:test';
import { composed, hunkLabel, hunkSize, lineOf, splitLines } from '../src/hunks';

const BEFORE = 'a\nb\nc\nd\ne\n';
const AFTER = 'A\nx\nb\nc\ne\nf';
const HUNKS = [
  { start: 0, end: 1, newStart: 0, newEnd: 2 },
  { start: 3, end: 4, newStart: 4, newEnd: 4 },
  { start: 5, end: 5, newStart: 5, newEnd: 6 },
];

test('exactly the hunks that are taken are in the text', () => {
  const cases: [number[], string][] = [
    [[], BEFORE],
    [[0], 'A\nx\nb\nc\nd\ne\n'],
    [[1], 'a\nb\nc\ne\n'],
    [[0, 2], 'A\nx\nb\nc\nd\ne\nf'],
    [[0, 1, 2], AFTER],
  ];
  for (const [taken, wanted] of cases) assert.equal(composed(BEFORE, AFTER, HUNKS, new Set(taken)), wanted);
});

test('lines end as the server has it', () => {
  assert.deepEqual(splitLines('a\r\nb\rc\nd\u2028e'), ['a\r\n', 'b\r', 'c\n', 'd\u2028e']);
  assert.deepEqual(splitLines(''), []);
  assert.deepEqual(splitLines('\n\n'), ['\n', '\n']);
});

test('a hunk is found where those before it have moved it to', () => {
  assert.equal(lineOf(HUNKS, 1, new Set([0])), 4);
  assert.equal(lineOf(HUNKS, 1, new Set()), 3);
  assert.equal(lineOf(HUNKS, 2, new Set([0, 1])), 5);
});

test('a hunk has words and a size', () => {
  const words = HUNKS.map((hunk) => `${hunkLabel(BEFORE, AFTER, hunk)}: ${hunkSize(hunk)}`);
  assert.deepEqual(words, ['1: A: +2 −1', '4: d: +0 −1', '6: f: +1 −0']);
  assert.equal(hunkLabel('', '\n \n', { start: 0, end: 0, newStart: 0, newEnd: 2 }), '1: blank lines');
});
