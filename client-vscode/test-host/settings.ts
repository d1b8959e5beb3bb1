/** Settings: every one described and in a group, those of a program or a server out of a folder's reach, changes felt at once. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { Order } from './main';
import { EXTENSION, titlesAt, until } from './waiting';

interface Setting {
  scope: string;
  order?: number;
  markdownDescription?: string;
}

interface Manifest {
  contributes: {
    configuration: { title: string; properties: Record<string, Setting> }[];
    commands: { command: string }[];
    walkthroughs: { id: string; steps: { id: string; description: string; completionEvents: string[] }[] }[];
    tomlValidation: { fileMatch: string; url: string }[];
  };
  capabilities: { untrustedWorkspaces: { supported: string; restrictedConfigurations: string[] }; virtualWorkspaces: { supported: boolean } };
}

export function manifest(): Manifest {
  return vscode.extensions.getExtension(EXTENSION)?.packageJSON as Manifest;
}

export function settingsSuite(order: Order): void {
  describe('settings', () => {
    it('are in groups, each described', () => {
      const groups = manifest().contributes.configuration;
      assert.ok(groups.length > 5);
      for (const { title, properties } of groups) {
        assert.notEqual(title, '');
        for (const [name, { markdownDescription }] of Object.entries(properties)) assert.ok(markdownDescription, name);
      }
    });

    it('that name a program or a server cannot come from a folder', () => {
      const all = Object.assign({}, ...manifest().contributes.configuration.map(({ properties }) => properties)) as Record<string, Setting>;
      const { supported, restrictedConfigurations } = manifest().capabilities.untrustedWorkspaces;
      assert.equal(supported, 'limited');
      for (const [name, { scope }] of Object.entries(all)) {
        assert.ok(scope === 'machine' || restrictedConfigurations.includes(name), name);
      }
      assert.equal(manifest().capabilities.virtualWorkspaces.supported, false);
    });

    it('have no value that a folder gives where a program is named', () => {
      // The folder's own settings name a program that would write a file.
      assert.equal(vscode.workspace.getConfiguration('tierwise.server').get('path'), '');
    });

    it('take an action out of the menu while it is switched off', async () => {
      const document = await vscode.workspace.openTextDocument(vscode.Uri.file(`${order.folder}/slugs.py`));
      await vscode.window.showTextDocument(document);
      const has = async (): Promise<boolean> => (await titlesAt(document, 'def slug')).some((title) => title.startsWith('Document slug'));
      await until(has);
      const settings = vscode.workspace.getConfiguration('tierwise.client.enable');
      await settings.update('document', false, vscode.ConfigurationTarget.Global);
      try {
        await until(async () => !(await has()));
      } finally {
        await settings.update('document', undefined, vscode.ConfigurationTarget.Global);
      }
      await until(has);
    });

    it('mark what is wrong in a configuration file', async () => {
      const file = vscode.Uri.file(`${order.folder}/.tierwise.toml`);
      await vscode.workspace.fs.writeFile(file, Buffer.from('[limits]\nmax_atempts = 2\n'));
      const mark = await until(() => vscode.languages.getDiagnostics(file)[0]);
      assert.match(mark.message, /did you mean 'max_attempts'/);
      assert.deepEqual([mark.range.start.line, mark.source], [1, 'tierwise']);
      await vscode.workspace.fs.writeFile(file, Buffer.from('[limits]\nmax_attempts = 2\n'));
      await until(() => vscode.languages.getDiagnostics(file).length === 0);
      await vscode.workspace.fs.delete(file);
    });

    it('have a schema that other extensions can read', async () => {
      const { extensionUri } = vscode.extensions.getExtension(EXTENSION) ?? assert.fail('the extension is not there');
      for (const { url } of manifest().contributes.tomlValidation) {
        const text = await vscode.workspace.fs.readFile(vscode.Uri.joinPath(extensionUri, url));
        assert.equal((JSON.parse(Buffer.from(text).toString()) as { title: string }).title, 'Settings of Tierwise');
      }
    });
  });
}
