/** The item in the status bar: today's spend, and who can be asked. */
import * as vscode from 'vscode';
import { statusText, statusTooltip, type ServerState } from './words';
import type { Figures } from './wire';

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
    const isUp = this.state.kind === 'running';
    this.item.text = statusText(this.state, this.figures);
    this.item.tooltip = new vscode.MarkdownString(statusTooltip(this.state, this.figures));
    this.item.command = isUp ? 'tierwise.showSpend' : 'tierwise.restart';
    const color = this.state.kind === 'failed' ? new vscode.ThemeColor('statusBarItem.errorBackground') : undefined;
    this.item.backgroundColor = color;
  }
}
