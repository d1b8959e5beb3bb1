/** What is said where something was asked for in a window that is not trusted; nothing runs there. */
import * as vscode from 'vscode';
import { RESTRICTED } from './words';

const MANAGE = 'Manage Workspace Trust';

/** Somebody asked for what needs a process. */
export class NotTrusted extends Error {
  constructor() {
    super(RESTRICTED);
  }
}

/** Rejects while the window is not trusted. */
export function mustBeTrusted(): void {
  if (!vscode.workspace.isTrusted) throw new NotTrusted();
}

/** Say it with a button that leads to the editor's own page on trust. */
export async function offerTrust(): Promise<void> {
  const chosen = await vscode.window.showInformationMessage(`Tierwise: ${RESTRICTED}`, MANAGE);
  if (chosen === MANAGE) await vscode.commands.executeCommand('workbench.trust.manage');
}
