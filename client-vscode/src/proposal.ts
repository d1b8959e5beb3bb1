/** Proposals that were not applied: shown in the native diff editor, to be accepted or discarded. */
import * as vscode from 'vscode';
import type { Proposal, ProposedFile } from './wire';

const SCHEME = 'tierwise-proposal';
const ACCEPT = 'Accept';
const DISCARD = 'Discard';

/** Keeps the newest proposal; an older one that was not answered is let go. */
export class Proposals implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private readonly registration = vscode.workspace.registerTextDocumentContentProvider(SCHEME, this);
  private readonly texts = new Map<string, string>();
  private readonly seen = new Map<string, string | null>();
  private current: Proposal | undefined;
  private n = 0;

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.texts.get(uri.toString()) ?? '';
  }

  dispose(): void {
    this.registration.dispose();
  }

  /** Show a proposal and ask; settles when it was accepted, discarded or closed. */
  async show(proposal: Proposal): Promise<void> {
    await this.forget();
    this.current = proposal;
    this.n += 1;
    const rows = proposal.files.map((file) => this.row(file));
    for (const { uri } of proposal.files) this.seen.set(uri, await textOf(vscode.Uri.parse(uri, true)));
    await vscode.commands.executeCommand('setContext', 'tierwise.hasProposal', true);
    const [first] = rows;
    if (rows.length === 1 && first !== undefined) {
      await vscode.commands.executeCommand('vscode.diff', first[1], first[2], proposal.title, { preview: false });
    } else {
      await vscode.commands.executeCommand('vscode.changes', proposal.title, rows);
    }
    const words = `Tierwise: ${proposal.title} was not applied: ${proposal.reason}`;
    const answer = await vscode.window.showWarningMessage(words, ACCEPT, DISCARD);
    if (this.current !== proposal) return;
    if (answer === ACCEPT) await this.accept();
    else if (answer === DISCARD) await this.discard();
  }

  /** Apply the proposal that is shown, after asking where a file is no longer what the diff was opened on. */
  async accept(): Promise<void> {
    const proposal = this.current;
    if (proposal === undefined) return;
    const moved = await this.movedFiles(proposal.files);
    if (moved.length > 0 && !(await confirmReplace(moved))) return;
    const edit = await editOf(proposal.files);
    if (!(await vscode.workspace.applyEdit(edit))) {
      void vscode.window.showErrorMessage(`Tierwise: the editor did not apply ${proposal.title}`);
      return;
    }
    await this.discard();
  }

  /** Close the diff and forget the proposal. */
  async discard(): Promise<void> {
    await this.forget();
  }

  private async forget(): Promise<void> {
    const title = this.current?.title;
    const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs).filter((tab) => isOurs(tab, title));
    if (tabs.length > 0) await vscode.window.tabGroups.close(tabs);
    this.current = undefined;
    this.texts.clear();
    this.seen.clear();
    await vscode.commands.executeCommand('setContext', 'tierwise.hasProposal', false);
  }

  private async movedFiles(files: readonly ProposedFile[]): Promise<string[]> {
    const moved: string[] = [];
    for (const file of files) {
      const uri = vscode.Uri.parse(file.uri, true);
      if ((await textOf(uri)) !== this.seen.get(file.uri)) moved.push(vscode.workspace.asRelativePath(uri));
    }
    return moved;
  }

  /** The label and both sides of one file; a side that has no file is an empty text of ours. */
  private row(file: ProposedFile): [vscode.Uri, vscode.Uri, vscode.Uri] {
    const target = vscode.Uri.parse(file.uri, true);
    const side = (name: string, text: string): vscode.Uri => {
      const uri = vscode.Uri.from({ scheme: SCHEME, path: target.path, query: `${this.n}-${name}` });
      this.texts.set(uri.toString(), text);
      return uri;
    };
    const before = file.before === null ? side('before', '') : target;
    return [target, before, side('after', file.after ?? '')];
  }
}

async function confirmReplace(moved: readonly string[]): Promise<boolean> {
  const names = moved.join(', ');
  const detail = 'Accepting the proposal replaces those changes; undo brings them back.';
  const words = `${names} changed after the proposal was shown`;
  return (await vscode.window.showWarningMessage(words, { modal: true, detail }, 'Replace')) === 'Replace';
}

/** A text as VS Code shows it; null for a file that is not there. */
async function textOf(uri: vscode.Uri): Promise<string | null> {
  try {
    return (await vscode.workspace.openTextDocument(uri)).getText();
  } catch {
    return null;
  }
}

async function editOf(files: readonly ProposedFile[]): Promise<vscode.WorkspaceEdit> {
  const edit = new vscode.WorkspaceEdit();
  for (const { uri: written, after } of files) {
    const uri = vscode.Uri.parse(written, true);
    if (after === null) edit.deleteFile(uri, { ignoreIfNotExists: true });
    else if ((await textOf(uri)) === null) edit.createFile(uri, { contents: Buffer.from(after, 'utf8') });
    else edit.replace(uri, wholeOf(await vscode.workspace.openTextDocument(uri)), after);
  }
  return edit;
}

function wholeOf(document: vscode.TextDocument): vscode.Range {
  return document.validateRange(new vscode.Range(0, 0, document.lineCount, 0));
}

function isOurs(tab: vscode.Tab, title: string | undefined): boolean {
  const { input } = tab;
  if (input instanceof vscode.TabInputTextDiff) return input.modified.scheme === SCHEME;
  // The tab that shows several files has no kind that extensions may know, only its label.
  return input === undefined && tab.label === title;
}
