/** The list of what was done: outcome, model, cost and time; the diff on a click, and what else can be done with it. */
import * as vscode from 'vscode';
import { doneDescription, doneTooltip } from './words';
import { HISTORY, type Done, type History } from './wire';

const VIEW = 'tierwise.history';
const LISTED = 100;
const ICONS: Record<string, [string, string?]> = {
  applied: ['check', 'testing.iconPassed'],
  native: ['check', 'testing.iconPassed'],
  proposed: ['git-pull-request-draft', 'testing.iconQueued'],
  refused: ['error', 'testing.iconFailed'],
  failed: ['error', 'testing.iconFailed'],
  cancelled: ['circle-slash'],
  discarded: ['close'],
  undone: ['discard'],
  replaced: ['arrow-up'],
};

/** Reads the server's history while somebody looks at it. */
export class ActionsView implements vscode.TreeDataProvider<Done>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<undefined>();
  private readonly view: vscode.TreeView<Done>;
  private read: string | undefined;
  private actions: Done[] = [];
  readonly onDidChangeTreeData = this.changed.event;

  constructor(private readonly execute: (command: string, argument: object) => Promise<unknown>) {
    this.view = vscode.window.createTreeView(VIEW, { treeDataProvider: this });
    this.view.onDidChangeVisibility(() => void this.update());
  }

  dispose(): void {
    this.view.dispose();
    this.changed.dispose();
  }

  /** Something may have been done; a list nobody sees is read when it is seen. */
  async update(): Promise<void> {
    if (!this.view.visible) return;
    try {
      const { actions } = (await this.execute(HISTORY, { limit: LISTED })) as History;
      const now = JSON.stringify(actions);
      if (now === this.read) return;
      [this.read, this.actions] = [now, actions];
    } catch {
      // A server that is gone says so itself; the list keeps what it had.
      return;
    }
    this.changed.fire(undefined);
  }

  getChildren(parent?: Done): Done[] {
    return parent === undefined ? this.actions : [];
  }

  getTreeItem(done: Done): vscode.TreeItem {
    const item = new vscode.TreeItem(done.title);
    item.id = done.id;
    item.description = doneDescription(done);
    item.tooltip = new vscode.MarkdownString(doneTooltip(done));
    const [icon, color] = ICONS[done.fate === 'undone' ? 'undone' : done.status] ?? ['question'];
    item.iconPath = new vscode.ThemeIcon(icon, color === undefined ? undefined : new vscode.ThemeColor(color));
    const can = { sent: done.canShowSent, changes: done.canShowChanges, undo: done.canUndo, review: done.canReview };
    item.contextValue = Object.entries(can).filter(([, isSo]) => isSo).map(([name]) => name).join(' ');
    // One that waits for an answer is shown where it can be answered.
    if (done.canReview) item.command = { title: 'Show the proposal', command: 'tierwise.reviewAgain', arguments: [done] };
    else if (done.canShowChanges) item.command = { title: 'Show changes', command: 'tierwise.showChanges', arguments: [done] };
    return item;
  }
}
