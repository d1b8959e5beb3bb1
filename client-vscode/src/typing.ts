/** Whether the user is typing: what takes the focus waits for a pause, or keys would go somewhere else than they were meant for. */
import { setTimeout as pass } from 'node:timers/promises';
import * as vscode from 'vscode';

const PAUSE_MS = 1000;
/** Who types longer than this is interrupted all the same. */
const MOST_MS = 15_000;

/** Looks at the text of the editor that has the focus. */
export class Typing {
  private last = -Infinity;
  readonly listening = vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
    if (contentChanges.length > 0 && document === vscode.window.activeTextEditor?.document) this.last = performance.now();
  });

  /** Settles once nothing has been typed for a moment. */
  async pause(): Promise<void> {
    const end = performance.now() + MOST_MS;
    const rest = (): number => Math.min(this.last + PAUSE_MS, end) - performance.now();
    while (rest() > 0) await pass(rest());
  }
}
