/** Commands: all there, those of the walkthrough too; the report of a problem; cells of notebooks. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { followed } from '../src/followed';
import type { Order } from './main';
import { manifest } from './settings';
import { throwAway, titlesAt, until } from './waiting';

export function commandsSuite(order: Order): void {
  describe('commands', () => {
    it('are all registered', async () => {
      const registered = new Set(await vscode.commands.getCommands(true));
      // The server's own come with the server.
      await until(async () => (await vscode.commands.getCommands(true)).includes('tierwise.restore'));
      const missing = manifest().contributes.commands.filter(({ command }) => !registered.has(command) && command !== 'tierwise.restore');
      assert.deepEqual(missing, []);
    });

    it('of the walkthrough are those that end its steps, and exist', async () => {
      const [walkthrough] = manifest().contributes.walkthroughs;
      assert.ok(walkthrough !== undefined);
      assert.deepEqual(walkthrough.steps.map(({ id }) => id), ['setUp', 'models', 'doctor', 'try']);
      const registered = new Set(await vscode.commands.getCommands(true));
      for (const { description, completionEvents } of walkthrough.steps) {
        const linked = [...description.matchAll(/\(command:([\w.]+)\)/g)].map((found) => found[1] ?? '');
        const awaited = completionEvents.map((event) => event.split(':')[1] ?? '').filter((name) => name !== 'tierwise.isReady');
        for (const name of [...linked, ...awaited]) assert.ok(registered.has(name), name);
        for (const name of awaited) assert.ok(linked.includes(name), name);
      }
    });

    it('open a sample with a function to try', async () => {
      await vscode.commands.executeCommand('tierwise.trySample');
      const { document } = vscode.window.activeTextEditor ?? assert.fail('no editor came up');
      assert.ok(document.isUntitled && document.languageId === 'python');
      await until(async () => (await titlesAt(document, 'parse_size')).some((title) => title.includes('parse_size')));
      await throwAway(document);
    });

    it('mean the place that moves with what is typed while they ask', async () => {
      const document = await vscode.workspace.openTextDocument({ language: 'python', content: 'def double(x):\n    return x * 2\n' });
      const uri = document.uri.toString();
      const range = { start: { line: 1, character: 4 }, end: { line: 1, character: 16 } };
      const target = followed({ action: 'do', uri, range, version: document.version });
      const edit = new vscode.WorkspaceEdit();
      edit.insert(document.uri, new vscode.Position(0, 0), 'import os\n\n\n');
      edit.insert(document.uri, new vscode.Position(1, 11), 'abs(x) or ');
      await vscode.workspace.applyEdit(edit);
      const { range: moved, version } = target.argument();
      assert.deepEqual(moved, { start: { line: 4, character: 4 }, end: { line: 4, character: 26 } });
      assert.equal(version, document.version);
      target.dispose();
      await vscode.window.showTextDocument(document);
      await throwAway(document);
    });

    it('write a report of a problem that says nothing private', async () => {
      await vscode.commands.executeCommand('tierwise.reportProblem');
      const { document } = await until(() => {
        const editor = vscode.window.activeTextEditor;
        return editor?.document.languageId === 'markdown' ? editor : undefined;
      });
      const text = document.getText();
      for (const heading of ['## Versions', '## Log', '### Models']) assert.ok(text.includes(heading), heading);
      assert.match(text, /- Server: \d/);
      assert.match(text, /starting .* serve/);
      assert.ok(!text.includes(order.folder), 'the folder is named');
      await throwAway(document);
    });

    it('are plainly not offered on cells of notebooks', async () => {
      const cell = new vscode.NotebookCellData(vscode.NotebookCellKind.Code, 'def double(x):\n    return x * 2\n', 'python');
      const notebook = await vscode.workspace.openNotebookDocument('jupyter-notebook', new vscode.NotebookData([cell]));
      const { document } = notebook.cellAt(0);
      await vscode.window.showNotebookDocument(notebook);
      await vscode.workspace.openTextDocument(document.uri);
      assert.deepEqual(await titlesAt(document, 'double'), []);
      const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>('vscode.executeCodeActionProvider', document.uri, new vscode.Range(0, 5, 0, 5));
      assert.deepEqual(actions.filter(({ command }) => command?.command.startsWith('tierwise.')), []);
    });
  });
}
