import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { test } from 'node:test';

test('the bundle has at most 500 kB', () => {
  const [own, client] = ['dist/extension.js', 'dist/client.js'].map((file) => statSync(file).size);
  assert.ok(own !== undefined && client !== undefined && own + client <= 500_000);
  // Every window reads the first; the protocol's client is read where a server is started.
  assert.ok(own < client / 4, `${own} bytes are read when a window opens`);
});
