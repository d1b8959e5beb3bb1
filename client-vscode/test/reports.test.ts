import assert from 'node:assert/strict';
import { test } from 'node:test';
import { doctorPage, formatMoney, spendPage } from '../src/reports';
import type { Calls, Diagnosis } from '../src/wire';

const calls: Calls = {
  nCalls: 3,
  inputTokens: 12_345,
  outputTokens: 678,
  picoUsd: 4_200_000_000,
  nUnknownCost: 0,
  shareOfSpend: 1,
  passRate: 2 / 3,
  duration: { medianS: 1.25, p95S: null },
  escalations: { 'elided-code': 1 },
};
const unused: Calls = { ...calls, nCalls: 0, picoUsd: 0, shareOfSpend: 0, passRate: null };

test('money is shown in cents below a dollar', () => {
  const cases: [number, string][] = [
    [0, '0 ¢'],
    [50_000_000, '< 0.01 ¢'],
    [4_200_000_000, '0.42 ¢'],
    [10_000_000_000, '1 ¢'],
    [123_400_000_000, '12.3 ¢'],
    [1_370_000_000_000, '$1.37'],
  ];
  for (const [picoUsd, words] of cases) assert.equal(formatMoney(picoUsd), words);
});

test('the page about spending has a row for each tier and one for all', () => {
  const spend = { tiers: { bulk: calls, top: unused }, total: calls, top: { share: 0 }, notices: [] };
  const page = spendPage('Last 7 days', spend);
  assert.match(page, /^## Last 7 days: 0\.42 ¢ in 3 calls, 0 % of it on the top tier$/m);
  assert.match(page, /^\| bulk \| 3 \| 12,345 \| 678 \| 0\.42 ¢ \| 100 % \| 67 % \| 1\.3 s \| – \|$/m);
  assert.match(page, /^\| all \| 3 /m);
  assert.match(page, /^Escalated: 1 × elided-code$/m);
});

test('unknown money is said, and so are notices', () => {
  const total = { ...calls, nUnknownCost: 2 };
  const page = spendPage('Today', { tiers: {}, total, top: { share: null }, notices: ['the clock went back'] });
  assert.match(page, /The cost of 2 calls is unknown/);
  assert.match(page, /the clock went back/);
});

test('the doctor says what would mend it before anything else', () => {
  const found: Diagnosis = {
    isWell: false,
    fixes: ['ollama pull qwen2.5-coder:7b'],
    versions: [{ name: 'python', isOk: true, found: '3.11.7', words: '' }],
    tools: [{ name: 'bwrap', isOk: false, found: '', words: 'is not on PATH' }],
    configuration: { files: [{ path: '/c.toml', isThere: false, isApplied: false }], problems: [{ words: 'tiers is wrong' }] },
    tiers: {
      local: { isEnabled: true, models: [{ ref: 'ollama/q', availability: 'no model', words: 'not pulled', window: null }] },
      top: { isEnabled: false, models: [{ ref: 'a/b', availability: 'no key', words: '', window: 200_000 }] },
    },
  };
  const page = doctorPage(found);
  assert.ok(page.indexOf('ollama pull') < page.indexOf('## Models'));
  assert.match(page, /^\| local \| ollama\/q \| no model: not pulled \| – \|$/m);
  assert.match(page, /^\| top \| a\/b \| switched off \| 200,000 \|$/m);
  assert.match(page, /^\| ✗ \| bwrap \| is not on PATH \|$/m);
  assert.match(page, /^\| \/c\.toml \| not there \|$/m);
  assert.match(page, /^- tiers is wrong$/m);
});
