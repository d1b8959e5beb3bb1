import assert from 'node:assert/strict';
import { test } from 'node:test';
import { doneDescription, plain, resultLine, reviewWords, statusText, statusTooltip, warnings, whyPage } from '../src/words';
import { actionId, isRunArgument, type Figures, type RunResult } from '../src/wire';

const figures: Figures = {
  spentToday: '0.42 ¢',
  spentTodayPicoUsd: 4_200_000_000,
  topShare: 0.124,
  topShareRecently: 0.1,
  topShareLimit: 0.15,
  topShareDays: 30,
  budgets: null,
  cache: null,
  tripwire: { state: 'off', raised: [] },
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
  assert.equal(statusText({ kind: 'restricted' }, undefined), '$(shield) Tierwise: restricted');
  assert.match(statusTooltip({ kind: 'restricted' }, undefined), /nothing is started.*\n\n\[Manage Workspace Trust\]\(command:workbench\.trust\.manage\)/s);
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
  assert.match(tooltip, /^\| local \| m\\\|1 \| ready \| – \|$/m);
  assert.match(tooltip, /^\| top \| – \| no key: set X \| – \|$/m);
  assert.match(tooltip, /2 at work$/m);
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

test('a bound that is passed and a model that got worse are warned of', () => {
  const day = { spent: '50 ¢', hard: '$1', isOverSoft: true, isUsedUp: false, words: 'day: 50 ¢ of $1' };
  const month = { spent: '$9', hard: '$9', isOverSoft: true, isUsedUp: true, words: null };
  const tripwire = { state: 'alert' as const, raised: ["'zai/glm' came to disagree"] };
  const words = warnings({ ...figures, topShareRecently: 0.2, budgets: { day, month }, tripwire });
  assert.deepEqual(words, [
    '50 ¢ spent this day, past the soft limit',
    'the budget of the month is used up',
    "20 % of the last 30 days' spend went to the top tier, over 15 %",
    "'zai/glm' came to disagree",
  ]);
  assert.deepEqual(warnings(figures), []);
  const shown = statusTooltip({ kind: 'running' }, { ...figures, budgets: { day, month }, cache: { hitsToday: 2, sparedToday: '1 ¢' } });
  assert.match(shown, /day: 50 ¢ of \\\$1/);
  assert.match(shown, /2 from the cache, 1 ¢ saved/);
  assert.match(shown, /\(command:tierwise.showReport\)/);
});

test('a proposal says why it is shown, by whom it is and what is not proved', () => {
  const proposal = { id: '1', title: 't', code: 'preview', reason: 'it changes 2 files', tier: 'top', model: 'opus', cost: '3 ¢', notes: ['n'], files: [] };
  assert.equal(reviewWords(proposal), 'it changes 2 files · top: opus, 3 ¢ · n');
});

test('an action of the list says outcome, model, cost and time', () => {
  const done = {
    id: '1', at: new Date().toISOString(), title: 'Document f', language: 'python', status: 'applied', code: '', fate: null, message: '',
    tier: 'bulk', model: 'glm', scripted: false, cost: '0.4 ¢', seconds: 2.04, calls: 1, files: [], isOfSession: true,
    canUndo: true, canShowChanges: true, canShowSent: true, canReview: false,
  };
  assert.match(doneDescription(done), /^0.4 ¢ · applied · bulk: glm · 2.0 s · /);
  assert.match(doneDescription({ ...done, fate: 'undone' }), /^0.4 ¢ · taken back · /);
  assert.match(doneDescription({ ...done, tier: 'native', model: null, status: 'native' }), /^0.4 ¢ · done without a model · native · /);
});
