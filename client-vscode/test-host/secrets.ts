/** Keys in the editor's real secret storage, through the extension's own code. */
import assert from 'node:assert/strict';
import type * as vscode from 'vscode';
import { Keys } from '../src/keys';
import { until } from './waiting';

const ONE = { address: 'https://one.example/v1', origin: 'https://one.example:443' };
const OTHER = 'http://127.0.0.1:8080';

export function secretsSuite(context: vscode.ExtensionContext): void {
  describe('secret storage', () => {
    it('keeps a key with its origin, replaces and deletes it', async () => {
      const keys = new Keys(context.secrets);
      await keys.set(ONE.address, 'first-key');
      await keys.set(`${OTHER}/v1`, 'other-key');
      assert.deepEqual(await keys.origins(), [OTHER, ONE.origin].sort());
      await keys.set('https://ONE.example', 'second-key');
      assert.deepEqual((await keys.forServer()).keys.find(({ url }) => url === ONE.origin), { url: ONE.origin, value: 'second-key' });
      await keys.delete(OTHER);
      assert.deepEqual(await keys.origins(), [ONE.origin]);
      keys.dispose();
    });

    it('has them again for whoever comes later, and knows what the log must not show', async () => {
      const later = new Keys(context.secrets);
      assert.deepEqual(later.secrets, []);
      assert.deepEqual((await later.forServer()).keys, [{ url: ONE.origin, value: 'second-key' }]);
      assert.deepEqual(later.secrets, ['second-key']);
      later.dispose();
    });

    it('tells of a change and forgets the last key', async () => {
      const keys = new Keys(context.secrets);
      let changes = 0;
      keys.onChange(() => {
        changes += 1;
      });
      await keys.delete(ONE.origin);
      await until(() => changes > 0);
      assert.equal(await context.secrets.get('tierwise.keys'), undefined);
      keys.dispose();
    });

    it('loses nothing when two keys are set at once, and takes nothing for what is no address', async () => {
      const keys = new Keys(context.secrets);
      await Promise.all([keys.set(ONE.address, 'one'), keys.set(OTHER, 'two'), keys.set('https://three.example', 'three')]);
      assert.equal((await keys.origins()).length, 3);
      await assert.rejects(keys.set('one.example', 'key'), /is no address/);
      for (const origin of await keys.origins()) await keys.delete(origin);
      assert.deepEqual(await keys.origins(), []);
      keys.dispose();
    });

    it('survives an entry nobody can read', async () => {
      await context.secrets.store('tierwise.keys', '{"broken');
      const keys = new Keys(context.secrets);
      assert.deepEqual(await keys.origins(), []);
      await keys.set(ONE.address, 'mended');
      assert.deepEqual(await keys.origins(), [ONE.origin]);
      await keys.delete(ONE.origin);
      keys.dispose();
    });
  });
}
