/** The rows of a proposal: its files, and their hunks below them. */
import * as vscode from 'vscode';
import { hunkLabel, hunkSize } from './hunks';
import type { ProposedFile } from './wire';

export interface Node {
  file: ProposedFile;
  /** Undefined for the file itself. */
  hunk?: number;
  children: Node[];
}

/** A file that is made or goes away is one part. */
export function nodeOf(file: ProposedFile): Node {
  const hunks = isWhole(file) ? [] : [...file.hunks.keys()];
  return { file, children: hunks.map((hunk) => ({ file, hunk, children: [] })) };
}

/** A row as the editor shows it; `taken` are the hunks of its file that are checked. */
export function itemOf({ file, hunk }: Node, taken: ReadonlySet<number>): vscode.TreeItem {
  return hunk === undefined ? fileItem(file, taken) : hunkItem(file, hunk, taken);
}

/** A file's path in its folder. */
export function labelOf(file: ProposedFile): string {
  return vscode.workspace.asRelativePath(vscode.Uri.parse(file.uri, true));
}

function fileItem(file: ProposedFile, taken: ReadonlySet<number>): vscode.TreeItem {
  const { None, Expanded } = vscode.TreeItemCollapsibleState;
  const item = new vscode.TreeItem(vscode.Uri.parse(file.uri, true), isWhole(file) ? None : Expanded);
  const kind = file.before === null ? 'new file' : file.after === null ? 'is deleted' : `${taken.size} of ${file.hunks.length} hunks`;
  item.description = [kind, file.part ?? ''].filter((words) => words !== '').join(' · ');
  item.checkboxState = stateOf(taken.size > 0);
  item.tooltip = file.question === null ? labelOf(file) : `${labelOf(file)}: it ${file.question}, which nobody asked for`;
  return item;
}

function hunkItem(file: ProposedFile, number: number, taken: ReadonlySet<number>): vscode.TreeItem {
  const hunk = file.hunks[number];
  if (hunk === undefined) throw new Error('there is no such hunk');
  const item = new vscode.TreeItem(hunkLabel(file.before ?? '', file.after ?? '', hunk));
  item.description = hunkSize(hunk);
  item.tooltip = `${item.label as string} (${hunkSize(hunk)})`;
  item.checkboxState = stateOf(taken.has(number));
  return item;
}

function isWhole(file: ProposedFile): boolean {
  return file.before === null || file.after === null;
}

function stateOf(isChecked: boolean): vscode.TreeItemCheckboxState {
  return isChecked ? vscode.TreeItemCheckboxState.Checked : vscode.TreeItemCheckboxState.Unchecked;
}
