import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plain, resultLine, statusText, statusTooltip, whyPage } from '../src/words';
import { actionId, isRunArgument, type Figures, type RunResult } from '../src/wire';

const figures: Figures = {
  spentToday: '0.42 ¢',
  spentTodayPicoUsd: 4_200_000_000,
  topShare: 0.124,
  busy: 0,
  tiers: { local: { model: 'm|1', state: 'ready', detail: '' }, top: { model: null, state: 'no key', detail: 'set X' } },
};
const result: RunResult = {
  status: 'applied',
  code: '',
  message: 'documented slug',
  action: 'document',
  tier: 'bulk',
  model: 'glm',
  scripted: true,
  cost: '0.4 ¢',
  attempts: [
    {
      tier: 'bulk',
      model: 'glm',
      scripted: true,
      outcome: 'rejected',
      code: 'elided-code',
      detail: 'a "..." stands for code',
      cost: '0.1 ¢',
      seconds: 1.26,
      inputTokens: 1200,
      outputTokens: 80,
    },
  ],
  reasons: [{ code: 'standard', words: 'standard work starts on `bulk`' }],
  notes: ['names were not checked'],
};

test('the status item says how the server is', () => {
  assert.equal(statusText({ kind: 'starting' }, undefined), '$(loading~spin) Tierwise');
  assert.equal(statusText({ kind: 'stopped' }, figures), '$(circle-slash) Tierwise: stopped');
  assert.equal(statusText({ kind: 'waiting', seconds: 4 }, undefined), '$(warning) Tierwise: again in 4 s');
  assert.equal(statusText({ kind: 'running' }, undefined), '$(layers) Tierwise: ready');
});

test('the status item shows money only when some was spent', () => {
  const running = { kind: 'running' } as const;
  assert.equal(statusText(running, figures), '$(layers) 0.42 ¢ · top 12 %');
  assert.equal(statusText(running, { ...figures, busy: 1 }), '$(sync~spin) 0.42 ¢ · top 12 %');
  assert.equal(statusText(running, { ...figures, topShare: null }), '$(layers) 0.42 ¢');
  assert.equal(statusText(running, { ...figures, spentTodayPicoUsd: 0 }), '$(layers) Tierwise: ready');
  assert.equal(statusText(running, { ...figures, spentTodayPicoUsd: null }), '$(layers) Tierwise: ready');
});

test('the tooltip lists the tiers and lets no name break the table', () => {
  const tooltip = statusTooltip({ kind: 'running' }, { ...figures, busy: 2 });
  assert.match(tooltip, /0\.42 ¢ spent today, 12 % of it on the top tier/);
  assert.match(tooltip, /^\| local \| m\\\|1 \| ready \|$/m);
  assert.match(tooltip, /^\| top \| – \| no key: set X \|$/m);
  assert.match(tooltip, /2 at work$/);
});

test('a result says what was done and what it cost', () => {
  assert.equal(resultLine(result), 'Tierwise: documented slug · 0.4 ¢');
  assert.equal(resultLine({ ...result, cost: '' }), 'Tierwise: documented slug');
});

test('the page about a result has reasons, attempts and notes', () => {
  const page = whyPage(result);
  assert.match(page, /^# documented slug\n/);
  assert.match(page, /^- standard work starts on \\`bulk\\`$/m);
  assert.match(page, /rejected \\\(elided-code: a "\.\.\." stands for code\\\) \| 0\.1 ¢ \| 1\.3 s \| 1,200 \| 80 \|$/m);
  assert.match(page, /^- names were not checked$/m);
});

test('foreign text cannot become a link', () => {
  assert.equal(plain('[x](command:run)\n<b>'), '\\[x\\]\\(command:run\\) \\<b\\>');
});

test('names of settings and commands become ids', () => {
  assert.equal(actionId('refactorAcrossFiles'), 'refactor_across_files');
  assert.equal(actionId('do'), 'do');
});

test('only an object with an action and a document is an argument', () => {
  assert.ok(isRunArgument({ action: 'do', uri: 'file:///a.py', range: null }));
  for (const wrong of [undefined, null, 'do', {}, { action: 'do' }, { action: 1, uri: 'file:///a' }]) {
    assert.ok(!isRunArgument(wrong));
  }
});
