/** What the suites share. */
import * as vscode from 'vscode';

export const EXTENSION = 'tierwise.tierwise';
const PATIENCE_MS = 60_000;

/** Wait until a question is answered with something true; an exception counts as "not yet". */
export async function until<T>(question: () => T | Promise<T>): Promise<NonNullable<T>> {
  const end = Date.now() + PATIENCE_MS;
  for (;;) {
    const answer = await Promise.resolve()
      .then(question)
      .catch(() => undefined);
    if (answer !== undefined && answer !== null && answer !== false) return answer;
    if (end < Date.now()) throw new Error(`still not so: ${String(question)}`);
    await new Promise((go) => setTimeout(go, 100));
  }
}

/** The titles of our menu at a place of a document. */
export async function titlesAt(document: vscode.TextDocument, text: string): Promise<string[]> {
  const at = document.positionAt(document.getText().indexOf(text));
  const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>(
    'vscode.executeCodeActionProvider',
    document.uri,
    new vscode.Range(at, at),
  );
  return actions.map(({ title }) => title).filter((title) => title.includes(' · '));
}

/** Throw away what the active editor shows. The next new document may get the same name, so the old one has to be gone first. */
export async function throwAway(document: vscode.TextDocument): Promise<void> {
  await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
  await until(() => document.isClosed);
}
