import assert from 'node:assert/strict';
import { test } from 'node:test';
import { composeSettings } from '../src/settings';

test('what nobody set and what is ours is not sent', () => {
  const raw = {
    server: { path: '/usr/bin/tierwise', interpreter: '' },
    trace: { server: 'off' },
    client: { enable: { format: true } },
    tiers: { local: { enabled: null, models: ['ollama/m'] }, bulk: { enabled: null, models: null } },
    backends: null,
  };
  assert.deepEqual(composeSettings(raw), { tiers: { local: { models: ['ollama/m'] } } });
});

test('a switch that is off turns the action off, whatever else is said of it', () => {
  const raw = {
    client: { enable: { writeTests: false, format: true } },
    actions: { write_tests: { tier: 'top' }, document: { enabled: true } },
  };
  const actions = { write_tests: { tier: 'top', enabled: false }, document: { enabled: true } };
  assert.deepEqual(composeSettings(raw), { actions });
});

test('nothing set is an empty object', () => {
  assert.deepEqual(composeSettings({}), {});
  assert.deepEqual(composeSettings({ client: { enable: {} }, roles: {} }), {});
});
