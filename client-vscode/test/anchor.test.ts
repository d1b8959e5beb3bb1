import assert from 'node:assert/strict';
import { test } from 'node:test';
import { moved } from '../src/anchor';

const TEXT = 'one [two] three';
const at = (text: string): [number, number] => [text.indexOf('['), text.indexOf(']') + 1];

const cases: [what: string, edit: [start: number, length: number, text: string], stretch: string][] = [
  ['typed before', [0, 0, 'zero '], '[two]'],
  ['typed right before', [4, 0, 'and '], '[two]'],
  ['typed inside', [5, 0, 'twenty-'], '[twenty-two]'],
  ['typed right behind', [9, 0, '!'], '[two]!'],
  ['typed behind', [10, 0, 'thirty-'], '[two]'],
  ['taken away before', [0, 4, ''], '[two]'],
  ['a part of it taken away', [5, 3, ''], '[]'],
  ['its start overwritten', [2, 4, 'x'], 'xwo]'],
  ['its end overwritten', [7, 4, 'x'], '[twx'],
  ['all of it overwritten', [0, 15, 'new'], 'new'],
];

for (const [what, [rangeOffset, rangeLength, text], stretch] of cases) {
  test(`a stretch follows the text: ${what}`, () => {
    const edited = TEXT.slice(0, rangeOffset) + text + TEXT.slice(rangeOffset + rangeLength);
    const [start, end] = moved(at(TEXT), { rangeOffset, rangeLength, text });
    assert.equal(edited.slice(start, end), stretch);
  });
}

test('a cursor stays behind what is typed at it', () => {
  assert.deepEqual(moved([4, 4], { rangeOffset: 4, rangeLength: 0, text: 'ab' }), [6, 6]);
});
