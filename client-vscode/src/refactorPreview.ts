/** A proposal in the editor's own Refactor Preview, where it is confirmed file by file and hunk by hunk. */
import * as vscode from 'vscode';
import { hunkLabel, splitLines, takenIn } from './hunks';
import { labelOf } from './proposalTree';
import type { Proposal, ProposedFile } from './wire';

/**
 * Let the user confirm parts of a proposal, which the editor then applies; the numbers of the hunks that are in, by URI.
 * Undefined where they confirmed nothing. Throws where a file no longer says what the proposal is for.
 */
export async function confirmed(proposal: Proposal): Promise<Map<string, Set<number>> | undefined> {
  const edit = new vscode.WorkspaceEdit();
  for (const file of proposal.files) await add(edit, file, proposal);
  // Were it called a refactoring, the editor would save the files before they are checked.
  if (!(await vscode.workspace.applyEdit(edit))) return undefined;
  const taken = new Map<string, Set<number>>();
  for (const file of proposal.files) taken.set(file.uri, await hunksIn(file));
  return [...taken.values()].some(({ size }) => size > 0) ? taken : undefined;
}

async function add(edit: vscode.WorkspaceEdit, file: ProposedFile, { title, model }: Proposal): Promise<void> {
  const uri = vscode.Uri.parse(file.uri, true);
  const { before, after, question } = file;
  // What nobody asked for stands by itself in the preview.
  const label = question === null ? title : `it ${question}, which nobody asked for`;
  const about = (description: string): vscode.WorkspaceEditEntryMetadata => ({ needsConfirmation: true, label, description });
  if (before === null) edit.createFile(uri, { contents: Buffer.from(after ?? '') }, about(`new file, by ${model ?? ''}`));
  else if (after === null) edit.deleteFile(uri, {}, about('is deleted'));
  else {
    const document = await vscode.workspace.openTextDocument(uri);
    if (document.getText() !== before) throw new Error(`'${labelOf(file)}' has changed since, accept the proposal in its view`);
    const fresh = splitLines(after);
    for (const hunk of file.hunks) {
      const range = document.validateRange(new vscode.Range(hunk.start, 0, hunk.end, 0));
      const text = fresh.slice(hunk.newStart, hunk.newEnd).join('');
      edit.replace(uri, range, text, about(hunkLabel(before, after, hunk)));
    }
  }
}

/** What of a file the editor has applied. */
async function hunksIn({ uri, before, after, hunks }: ProposedFile): Promise<Set<number>> {
  const file = vscode.Uri.parse(uri, true);
  if (before === null || after === null) {
    const isThere = await vscode.workspace.fs.stat(file).then(() => true, () => false);
    return new Set(isThere === (after !== null) ? hunks.keys() : []);
  }
  const document = await vscode.workspace.openTextDocument(file);
  return takenIn(before, after, hunks, document.getText()) ?? new Set();
}
