/** A proposal that waits for the user: native diffs, and a tree in which files and hunks are checked or not. */
import * as vscode from 'vscode';
import { composed, hunkLabel, hunkSize, lineOf } from './hunks';
import type { Runs } from './runs';
import { reviewWords } from './words';
import { ACCEPT_PARTS, DISMISS, type Proposal, type ProposedFile, type RunResult } from './wire';

const SCHEME = 'tierwise-proposal';
const VIEW = 'tierwise.proposal';
const [ACCEPT, CHOOSE, DISCARD] = ['Accept', 'Choose…', 'Discard'];

interface Node {
  file: ProposedFile;
  /** Undefined for the file itself. */
  hunk?: number;
  children: Node[];
}

/** Shows the newest proposal; an older one that was not answered is let go. */
export class Review implements vscode.TextDocumentContentProvider, vscode.TreeDataProvider<Node>, vscode.Disposable {
  private readonly treeChanged = new vscode.EventEmitter<Node[] | undefined>();
  private readonly textChanged = new vscode.EventEmitter<vscode.Uri>();
  private readonly view: vscode.TreeView<Node>;
  private readonly registrations: vscode.Disposable[];
  private current: Proposal | undefined;
  /** Its files; the editor knows a row by its node. */
  private nodes: Node[] = [];
  private readonly taken = new Map<string, Set<number>>();
  private n = 0;
  readonly onDidChangeTreeData = this.treeChanged.event;
  readonly onDidChange = this.textChanged.event;

  /** `execute` asks the server; `tell` says what came of what was accepted. */
  constructor(
    private readonly execute: (command: string, argument: object) => Promise<unknown>,
    private readonly tell: (result: RunResult) => void,
  ) {
    this.view = vscode.window.createTreeView(VIEW, { treeDataProvider: this, manageCheckboxStateManually: true });
    this.registrations = [
      this.view,
      this.view.onDidChangeCheckboxState(({ items }) => {
        for (const [node, state] of items) this.check(node, state === vscode.TreeItemCheckboxState.Checked);
      }),
      vscode.workspace.registerTextDocumentContentProvider(SCHEME, this),
    ];
    // The window keeps it when the process that runs extensions is started anew.
    void vscode.commands.executeCommand('setContext', 'tierwise.hasProposal', false);
  }

  dispose(): void {
    for (const one of [...this.registrations, this.treeChanged, this.textChanged]) one.dispose();
  }

  register(runs: Runs): vscode.Disposable[] {
    const add = (name: string, work: (node: Node) => Promise<void>): vscode.Disposable =>
      vscode.commands.registerCommand(name, (node: Node) => runs.tellingWhy(() => work(node)));
    return [
      add('tierwise.acceptProposal', () => this.accept()),
      add('tierwise.discardProposal', () => this.discard()),
      add('tierwise.revealProposal', (node) => this.reveal(node)),
    ];
  }

  /** Show a proposal and ask; settles when it was accepted, discarded, or the message was put away. */
  async show(proposal: Proposal): Promise<void> {
    await this.close();
    this.current = proposal;
    this.n += 1;
    for (const { uri, hunks } of proposal.files) this.taken.set(uri, new Set(hunks.keys()));
    this.nodes = proposal.files.map(nodeOf);
    await vscode.commands.executeCommand('setContext', 'tierwise.hasProposal', true);
    this.view.message = reviewWords(proposal);
    this.view.description = proposal.model ?? '';
    this.treeChanged.fire(undefined);
    await this.openDiffs(proposal);
    await this.ask(proposal);
  }

  /** Apply what is checked: the server makes one edit of it and checks it again. */
  async accept(isForced = false): Promise<void> {
    const proposal = this.current;
    if (proposal === undefined) return;
    const accepted = proposal.files
      .map(({ uri }) => ({ uri, hunks: [...(this.taken.get(uri) ?? [])] }))
      .filter(({ hunks }) => hunks.length > 0);
    const argument = { id: proposal.id, accepted, force: isForced };
    const result = (await this.execute(ACCEPT_PARTS, argument)) as RunResult & { canForce?: boolean };
    if (result.canForce === true) {
      await this.insist(proposal, result.message);
      return;
    }
    if (result.status === 'refused') void vscode.window.showErrorMessage(`Tierwise: ${result.message}`);
    if (result.status === 'refused' && result.code !== 'no-proposal') return;
    // Where the edit met what was typed meanwhile the server has sent another proposal.
    if (this.current === proposal) await this.close();
    if (result.status === 'applied') this.tell(result);
  }

  /** Close the diffs of a proposal that something else has answered. */
  async drop(id: string): Promise<void> {
    if (this.current?.id === id) await this.close();
  }

  /** Close the diffs and let the proposal go. */
  async discard(): Promise<void> {
    const id = this.current?.id;
    await this.close();
    if (id !== undefined) await this.execute(DISMISS, { id });
  }

  /** Open one file's diff, at a hunk where there is one. */
  private async reveal(node: Node): Promise<void> {
    const { file, hunk } = node;
    const [, before, after] = this.sides(file);
    const line = hunk === undefined ? 0 : lineOf(file.hunks, hunk, this.taken.get(file.uri) ?? new Set());
    const options = { preview: true, selection: new vscode.Range(line, 0, line, 0) };
    await vscode.commands.executeCommand('vscode.diff', before, after, labelOf(file), options);
  }

  // The tree

  getChildren(node?: Node): Node[] {
    return (node ?? { children: this.nodes }).children;
  }

  getParent(node: Node): Node | undefined {
    return this.nodes.find(({ children }) => children.includes(node));
  }

  getTreeItem(node: Node): vscode.TreeItem {
    const item = node.hunk === undefined ? this.fileItem(node.file) : this.hunkItem(node.file, node.hunk);
    item.command = { title: 'Show', command: 'tierwise.revealProposal', arguments: [node] };
    return item;
  }

  private fileItem(file: ProposedFile): vscode.TreeItem {
    const target = vscode.Uri.parse(file.uri, true);
    const isLeaf = isWhole(file);
    const item = new vscode.TreeItem(target, isLeaf ? vscode.TreeItemCollapsibleState.None : vscode.TreeItemCollapsibleState.Expanded);
    const n = this.taken.get(file.uri)?.size ?? 0;
    const kind = file.before === null ? 'new file' : file.after === null ? 'is deleted' : `${n} of ${file.hunks.length} hunks`;
    item.description = [kind, file.part ?? ''].filter((words) => words !== '').join(' · ');
    item.id = `${this.n} ${file.uri}`;
    item.checkboxState = stateOf(n > 0);
    item.tooltip = file.question === null ? labelOf(file) : `${labelOf(file)}: it ${file.question}, which nobody asked for`;
    return item;
  }

  private hunkItem(file: ProposedFile, number: number): vscode.TreeItem {
    const hunk = file.hunks[number];
    if (hunk === undefined) throw new Error('there is no such hunk');
    const item = new vscode.TreeItem(hunkLabel(file.before ?? '', file.after ?? '', hunk));
    item.description = hunkSize(hunk);
    item.tooltip = `${item.label as string} (${hunkSize(hunk)})`;
    item.id = `${this.n} ${file.uri} ${number}`;
    item.checkboxState = stateOf(this.taken.get(file.uri)?.has(number) === true);
    return item;
  }

  private check({ file, hunk }: Node, isTaken: boolean): void {
    const partner = this.current?.files.find(({ uri }) => uri === file.movesWith);
    // A file that is moved goes and comes together.
    const together = partner === undefined ? [file] : [file, partner];
    for (const one of together) {
      const taken = this.taken.get(one.uri) ?? new Set();
      for (const number of hunk === undefined ? one.hunks.keys() : [hunk]) {
        if (isTaken) taken.add(number);
        else taken.delete(number);
      }
      this.taken.set(one.uri, taken);
      this.textChanged.fire(this.sides(one)[2]);
    }
    // Were all rows drawn again, a click on one of another file could be lost meanwhile.
    this.treeChanged.fire(this.nodes.filter((node) => together.includes(node.file)));
  }

  // The diffs

  provideTextDocumentContent(uri: vscode.Uri): string {
    const { side, target } = JSON.parse(uri.query) as { side: string; target: string };
    const file = this.current?.files.find((one) => one.uri === target);
    if (file === undefined) return '';
    const before = file.before ?? '';
    return side === 'before' ? before : composed(before, file.after ?? '', file.hunks, this.taken.get(target) ?? new Set());
  }

  private async openDiffs(proposal: Proposal): Promise<void> {
    const [only, ...more] = proposal.files;
    if (only !== undefined && more.length === 0) {
      const [, before, after] = this.sides(only);
      await vscode.commands.executeCommand('vscode.diff', before, after, proposal.title, { preview: false });
      return;
    }
    await vscode.commands.executeCommand('vscode.changes', proposal.title, proposal.files.map((file) => this.sides(file)));
  }

  private async ask(proposal: Proposal): Promise<void> {
    const isPreview = proposal.code === 'preview' || proposal.code === 'needs-consent';
    const words = `Tierwise: ${proposal.title}${isPreview ? '' : ' was not applied'}: ${proposal.reason}`;
    const show = isPreview ? vscode.window.showInformationMessage : vscode.window.showWarningMessage;
    const hasParts = proposal.files.length > 1 || proposal.files.some(({ hunks }) => hunks.length > 1);
    if (hasParts) await this.showParts();
    const answer = await show<string>(words, ACCEPT, ...(hasParts ? [] : [CHOOSE]), DISCARD);
    if (this.current === proposal) await this.answer(answer);
  }

  private async showParts(): Promise<void> {
    const [first] = this.getChildren();
    if (first !== undefined) await this.view.reveal(first, { select: false, focus: false, expand: true });
  }

  private async answer(chosen: string | undefined): Promise<void> {
    if (chosen === ACCEPT) await this.accept();
    else if (chosen === DISCARD) await this.discard();
    else if (chosen === CHOOSE) await this.showParts();
  }

  private async insist(proposal: Proposal, words: string): Promise<void> {
    const detail = 'It is your choice: apply what you have checked all the same, or check more of it.';
    const anyway = 'Apply anyway';
    const chosen = await vscode.window.showWarningMessage(words, { modal: true, detail }, anyway);
    // Another one may have taken its place while the question stood, which nobody has looked at.
    if (chosen === anyway && this.current === proposal) await this.accept(true);
  }

  private async close(): Promise<void> {
    const title = this.current?.title;
    const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs).filter((tab) => isOurs(tab, title));
    this.current = undefined;
    this.nodes = [];
    this.taken.clear();
    this.treeChanged.fire(undefined);
    if (tabs.length > 0) await vscode.window.tabGroups.close(tabs);
    await vscode.commands.executeCommand('setContext', 'tierwise.hasProposal', false);
  }

  /** The label and both sides of one file; the right side has what is checked, and nothing else. */
  private sides(file: ProposedFile): [vscode.Uri, vscode.Uri, vscode.Uri] {
    const target = vscode.Uri.parse(file.uri, true);
    const side = (name: string): vscode.Uri =>
      vscode.Uri.from({ scheme: SCHEME, path: target.path, query: JSON.stringify({ side: name, target: file.uri, n: this.n }) });
    // Were the left side the file itself, the diff would count as unsaved as soon as the proposal is applied.
    return [target, side('before'), side('after')];
  }
}

function labelOf(file: ProposedFile): string {
  return vscode.workspace.asRelativePath(vscode.Uri.parse(file.uri, true));
}

function nodeOf(file: ProposedFile): Node {
  const hunks = isWhole(file) ? [] : [...file.hunks.keys()];
  return { file, children: hunks.map((hunk) => ({ file, hunk, children: [] })) };
}

function isWhole(file: ProposedFile): boolean {
  return file.before === null || file.after === null;
}

function stateOf(isChecked: boolean): vscode.TreeItemCheckboxState {
  return isChecked ? vscode.TreeItemCheckboxState.Checked : vscode.TreeItemCheckboxState.Unchecked;
}

function isOurs(tab: vscode.Tab, title: string | undefined): boolean {
  const { input } = tab;
  if (input instanceof vscode.TabInputTextDiff) return input.modified.scheme === SCHEME;
  // A tab of several diffs has no kind in the editor's stable interface: newer editors list its diffs, older ones give
  // nothing but its label, which ends in their number.
  if (isOfSeveral(input)) return input.textDiffs.some(({ modified }) => modified.scheme === SCHEME);
  return input === undefined && title !== undefined && tab.label.startsWith(title);
}

function isOfSeveral(input: unknown): input is { textDiffs: { modified: vscode.Uri }[] } {
  return typeof input === 'object' && input !== null && 'textDiffs' in input && Array.isArray(input.textDiffs);
}
