/** The item in the status bar: today's spend, and who can be asked. */
import * as vscode from 'vscode';
import { statusText, statusTooltip, warnings, type ServerState } from './words';
import type { Figures } from './wire';

const LINKED = ['tierwise.showReport', 'tierwise.showSpend', 'tierwise.history.focus', 'tierwise.showDoctor', 'workbench.trust.manage'];
/** What a click does; elsewhere the server is started again. */
const COMMANDS: Partial<Record<ServerState['kind'], string>> = {
  // A click that began anew would break off a set-up that is under way.
  starting: 'tierwise.showLog',
  running: 'tierwise.showSpend',
  restricted: 'workbench.trust.manage',
};

/** Shows the server's state at once and its figures when they come. */
export class StatusItem implements vscode.Disposable {
  private readonly item = vscode.window.createStatusBarItem('status', vscode.StatusBarAlignment.Right, 90);
  private state: ServerState = { kind: 'stopped' };
  private figures: Figures | undefined;

  constructor() {
    this.item.name = 'Tierwise';
    this.show();
    this.item.show();
  }

  setState(state: ServerState): void {
    this.state = state;
    // Figures of a server that is gone say nothing about the next one.
    this.figures = undefined;
    this.show();
  }

  setFigures(figures: Figures): void {
    this.figures = figures;
    this.show();
  }

  dispose(): void {
    this.item.dispose();
  }

  private show(): void {
    this.item.text = statusText(this.state, this.figures);
    this.item.tooltip = richText(statusTooltip(this.state, this.figures));
    this.item.command = COMMANDS[this.state.kind] ?? 'tierwise.restart';
    const color = this.color();
    this.item.backgroundColor = color === undefined ? undefined : new vscode.ThemeColor(`statusBarItem.${color}Background`);
  }

  private color(): 'error' | 'warning' | undefined {
    if (this.state.kind === 'failed') {
      // Who cancelled the setting up made no error.
      return this.state.setup === 'cancelled' ? undefined : 'error';
    }
    return this.figures !== undefined && warnings(this.figures).length > 0 ? 'warning' : undefined;
  }
}

/** Markdown of ours: only our own commands may be run from it. */
function richText(words: string): vscode.MarkdownString {
  const text = new vscode.MarkdownString(words, true);
  text.isTrusted = { enabledCommands: LINKED };
  return text;
}
