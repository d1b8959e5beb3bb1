import assert from 'node:assert/strict';
import { test } from 'node:test';
import { composed, hunkLabel, hunkSize, lineOf, splitLines, takenIn, type Hunk } from '../src/hunks';

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

test('what somebody else has taken is found in the text', () => {
  for (let bits = 0; bits < 8; bits += 1) {
    const taken = new Set([0, 1, 2].filter((number) => (bits >> number) % 2 === 1));
    assert.deepEqual(takenIn(BEFORE, AFTER, HUNKS, composed(BEFORE, AFTER, HUNKS, taken)), taken);
  }
  assert.equal(takenIn(BEFORE, AFTER, HUNKS, `${AFTER}typed`), undefined);
  assert.deepEqual(takenIn('', 'a\n', [{ start: 0, end: 0, newStart: 0, newEnd: 1 }], 'a\n'), new Set([0]));
});

test('among lines that repeat, some choice of hunks that makes the same text is found', () => {
  let seed = 7;
  const random = (below: number): number => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % below;
  };
  const lines = (n: number): string[] => Array.from({ length: n }, () => `${'ab'.charAt(random(2))}\n`);
  for (let round = 0; round < 500; round += 1) {
    const [hunks, old, fresh]: [Hunk[], string[], string[]] = [[], [], []];
    for (let number = 0; number < 1 + random(5); number += 1) {
      const [kept, gone, come] = [lines(random(4)), lines(random(3)), lines(random(3))];
      old.push(...kept);
      fresh.push(...kept);
      hunks.push({ start: old.length, end: old.length + gone.length, newStart: fresh.length, newEnd: fresh.length + come.length });
      old.push(...gone);
      fresh.push(...come);
    }
    const taken = new Set([...hunks.keys()].filter(() => random(2) === 1));
    const [before, after] = [old.join(''), fresh.join('')];
    const now = composed(before, after, hunks, taken);
    const found = takenIn(before, after, hunks, now);
    assert.ok(found !== undefined, JSON.stringify({ before, after, hunks, now }));
    assert.equal(composed(before, after, hunks, found), now);
  }
});
