/** The settings that go to the server, as they are now. */
import * as vscode from 'vscode';
import { composeSettings, type Tree } from './settings';

export function currentSettings(): Tree {
  return composeSettings({ ...vscode.workspace.getConfiguration('tierwise') });
}
