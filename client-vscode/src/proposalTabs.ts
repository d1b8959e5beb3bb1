/** Which of the window's tabs show a proposal of ours. */
import * as vscode from 'vscode';

export const SCHEME = 'tierwise-proposal';

/** Whether a tab shows the proposal that has this title, or any where its texts say so. */
function isOfProposal(tab: vscode.Tab, title: string | undefined): boolean {
  if (modifiedOf(tab)?.scheme === SCHEME) return true;
  // A tab of several diffs has no kind in the editor's stable interface: newer editors list its diffs, older ones give
  // nothing but its label, which ends in their number.
  return tab.input === undefined && title !== undefined && tab.label.startsWith(title);
}

/** Whether the user looks at it. */
export function isShownNow(title: string | undefined): boolean {
  const { activeTab } = vscode.window.tabGroups.activeTabGroup;
  return title !== undefined && activeTab !== undefined && isOfProposal(activeTab, title);
}

/** Close what shows the proposal that has this title. */
export async function closeTabs(title: string | undefined): Promise<void> {
  const tabs = allTabs().filter((tab) => isOfProposal(tab, title));
  if (tabs.length > 0) await vscode.window.tabGroups.close(tabs);
}

/** The number of the proposal a tab shows; undefined for all others, and where the editor does not tell. */
export function numberOf(tab: vscode.Tab): number | undefined {
  const uri = modifiedOf(tab);
  return uri?.scheme === SCHEME ? (JSON.parse(uri.query) as { n: number }).n : undefined;
}

export function allTabs(): vscode.Tab[] {
  return vscode.window.tabGroups.all.flatMap((group) => group.tabs);
}

function modifiedOf({ input }: vscode.Tab): vscode.Uri | undefined {
  if (input instanceof vscode.TabInputTextDiff) return input.modified;
  return isOfSeveral(input) ? input.textDiffs[0]?.modified : undefined;
}

function isOfSeveral(input: unknown): input is { textDiffs: { modified: vscode.Uri }[] } {
  return typeof input === 'object' && input !== null && 'textDiffs' in input && Array.isArray(input.textDiffs);
}
