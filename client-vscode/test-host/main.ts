/** Runs Mocha inside the extension host of a window that opens a folder with `host-tests.json`, and writes what came of it. */
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type Mocha from 'mocha';
import * as vscode from 'vscode';
import { commandsSuite } from './commands';
import { secretsSuite } from './secrets';
import { settingsSuite } from './settings';
import { serverSuite } from './server';

/** What the test outside says. */
export interface Order {
  mocha: string;
  result: string;
  folder: string;
}

interface Result {
  passed: string[];
  failed: { title: string; error: string }[];
}

export function activate(context: vscode.ExtensionContext): void {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? '';
  const order = JSON.parse(fs.readFileSync(path.join(folder, 'host-tests.json'), 'utf8')) as Omit<Order, 'folder'>;
  void run(context, { ...order, folder });
}

async function run(context: vscode.ExtensionContext, order: Order): Promise<void> {
  const { default: Runner } = (await import(pathToFileURL(order.mocha).href)) as { default: typeof Mocha };
  const mocha = new Runner({ ui: 'bdd', timeout: 90_000, reporter: 'dot' });
  mocha.suite.emit('pre-require', globalThis, '', mocha);
  settingsSuite(order);
  commandsSuite(order);
  secretsSuite(context);
  serverSuite(order);
  const result: Result = { passed: [], failed: [] };
  await new Promise<void>((done) => {
    mocha
      .run(() => {
        done();
      })
      .on('pass', (test) => result.passed.push(test.fullTitle()))
      .on('fail', (test, error: unknown) => {
        result.failed.push({ title: test.fullTitle(), error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
      });
  });
  // Written aside and moved, so that whoever waits for it reads all of it.
  fs.writeFileSync(`${order.result}.part`, JSON.stringify(result));
  fs.renameSync(`${order.result}.part`, order.result);
}
