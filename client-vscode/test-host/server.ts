/** The server's process: stopped, started, restarted, and back after it was killed. */
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import * as vscode from 'vscode';
import type { Order } from './main';
import { titlesAt, until } from './waiting';

/** Our servers among the children of this extension host. */
function servers(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        const parent = /^\d+ \(.*\) \S (\d+)/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1];
        return Number(parent) === process.pid && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('tierwise\0serve');
      } catch {
        // It has ended since the list was made.
        return false;
      }
    })
    .map(Number);
}

export function serverSuite(order: Order): void {
  describe('the server', () => {
    const isUp = async (): Promise<boolean> => {
      const document = await vscode.workspace.openTextDocument(vscode.Uri.file(`${order.folder}/slugs.py`));
      return (await titlesAt(document, 'def slug')).length > 0;
    };

    it('is one process, and another one after a restart', async () => {
      await until(isUp);
      const [first, ...more] = servers();
      assert.deepEqual(more, []);
      await vscode.commands.executeCommand('tierwise.restart');
      await until(isUp);
      assert.equal(servers().length, 1);
      assert.notEqual(servers()[0], first);
    });

    it('ends when it is stopped and starts again', async () => {
      await vscode.commands.executeCommand('tierwise.stop');
      await until(() => servers().length === 0);
      await vscode.commands.executeCommand('tierwise.start');
      await until(isUp);
    });

    it('is one process after many wishes at once', async () => {
      const wish = (name: string): Thenable<unknown> => vscode.commands.executeCommand(`tierwise.${name}`);
      await Promise.all(['restart', 'stop', 'start', 'restart', 'restart', 'stop', 'start'].map(wish));
      await until(isUp);
      assert.equal(servers().length, 1);
    });

    it('comes back after it was killed', async () => {
      const [pid] = servers();
      assert.ok(pid !== undefined);
      process.kill(pid, 'SIGKILL');
      await until(() => servers().some((one) => one !== pid));
      await until(isUp);
    });
  });
}
