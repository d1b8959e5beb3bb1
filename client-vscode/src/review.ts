/** A proposal that waits for the user: native diffs, and a tree in which files and hunks are checked or not. */
import * as vscode from 'vscode';
import type { LanguageClient } from 'vscode-languageclient/node';
import { composed, lineOf } from './hunks';
import { SCHEME, allTabs, closeTabs, isShownNow, numberOf } from './proposalTabs';
import { itemOf, labelOf, nodeOf, type Node } from './proposalTree';
import { confirmed } from './refactorPreview';
import type { Runs } from './runs';
import { Typing } from './typing';
import { reviewWords } from './words';
import { ACCEPT_PARTS, CLOSED, DISMISS, PROPOSAL, REVIEW, isSameProposal } from './wire';
import type { Proposal, ProposedFile, RunResult, Told } from './wire';

const VIEW = 'tierwise.proposal';
const [ACCEPT, CHOOSE, DISCARD] = ['Accept', 'Choose…', 'Discard'];

/** What the server says to what was accepted. */
type Accepted = RunResult & { canForce?: boolean };

/** Shows the newest proposal; an older one that was not answered waits in the list of what was done. */
export class Review implements vscode.TextDocumentContentProvider, vscode.TreeDataProvider<Node>, vscode.Disposable {
  private readonly treeChanged = new vscode.EventEmitter<Node[] | undefined>();
  private readonly textChanged = new vscode.EventEmitter<vscode.Uri>();
  private readonly view: vscode.TreeView<Node>;
  private readonly registrations: vscode.Disposable[];
  private current: Proposal | undefined;
  /** Its files; the editor knows a row by its node. */
  private nodes: Node[] = [];
  private readonly taken = new Map<string, Set<number>>();
  /** Names what is shown now; no earlier window's diffs have the same. */
  private n = Date.now();
  private isAccepting = false;
  private readonly typing = new Typing();
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
      this.typing.listening,
      this.view.onDidChangeCheckboxState(({ items }) => {
        for (const [node, state] of items) this.check(node, state === vscode.TreeItemCheckboxState.Checked);
      }),
      vscode.workspace.registerTextDocumentContentProvider(SCHEME, this),
      vscode.window.tabGroups.onDidChangeTabs(() => void this.lookAtTabs()),
      vscode.window.tabGroups.onDidChangeTabGroups(() => void this.lookAtTabs()),
    ];
    // The window keeps it when the process that runs extensions is started anew.
    void vscode.commands.executeCommand('setContext', 'tierwise.hasProposal', false);
    void this.lookAtTabs();
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
      add('tierwise.previewProposal', () => this.previewNatively()),
    ];
  }

  /** Show what a server proposes, until it says that something else has answered it. */
  listenTo(client: LanguageClient, runs: Runs): void {
    client.onNotification(PROPOSAL, (proposal: Proposal) => void runs.tellingWhy(() => this.show(proposal)));
    client.onNotification(CLOSED, ({ id }: { id: string }) => void this.drop(id));
  }

  /** Show a proposal and ask; settles when it was accepted, discarded, or the message was put away. */
  async show(proposal: Proposal): Promise<void> {
    await this.typing.pause();
    // What the user has chosen of the same texts before is theirs.
    if (this.current === undefined || !isSameProposal(this.current, proposal)) await this.begin(proposal);
    else await closeTabs(proposal.title);
    const shown = this.current ?? proposal;
    await this.openDiffs(shown);
    await this.ask(shown);
  }

  private async begin(proposal: Proposal): Promise<void> {
    await this.close();
    this.current = proposal;
    this.n += 1;
    for (const { uri, hunks } of proposal.files) this.taken.set(uri, new Set(hunks.keys()));
    this.nodes = proposal.files.map(nodeOf);
    await vscode.commands.executeCommand('setContext', 'tierwise.hasProposal', true);
    this.view.message = reviewWords(proposal);
    this.view.description = proposal.model ?? '';
    this.treeChanged.fire(undefined);
  }

  /** Apply what is checked: the server makes one edit of it and checks it again. */
  async accept(isForced = false): Promise<void> {
    const proposal = this.current;
    if (proposal === undefined || this.isAccepting) return;
    const accepted = this.chosenOf(proposal);
    const result = await this.send({ id: proposal.id, accepted, force: isForced });
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

  /** The editor's own preview applies what is confirmed there; the server checks and books it as what was accepted here. */
  private async previewNatively(): Promise<void> {
    const proposal = this.current;
    if (proposal === undefined) return;
    const isOpen = (): boolean => this.current === proposal;
    const chosen = await confirmed(proposal);
    if (chosen === undefined || !isOpen()) return;
    for (const [uri, hunks] of chosen) this.taken.set(uri, hunks);
    await this.accept();
    // The checks may have said no, and the user too.
    const words = 'what you confirmed in the Refactor Preview stays in the editor, Undo takes it out';
    if (isOpen()) void vscode.window.showWarningMessage(`Tierwise: ${words}`);
  }

  /** What is checked; throws where that is nothing. */
  private chosenOf({ files }: Proposal): { uri: string; hunks: number[] }[] {
    const chosen = files.map(({ uri }) => ({ uri, hunks: [...(this.taken.get(uri) ?? [])] }));
    const some = chosen.filter(({ hunks }) => hunks.length > 0);
    if (some.length === 0) throw new Error('nothing of the proposal is checked; check what you want of it, or discard it');
    return some;
  }

  private async send(argument: object): Promise<Accepted> {
    this.isAccepting = true;
    try {
      const asking = (): Promise<unknown> => this.execute(ACCEPT_PARTS, argument);
      return (await vscode.window.withProgress({ location: { viewId: VIEW } }, asking)) as Accepted;
    } finally {
      this.isAccepting = false;
    }
  }

  private async drop(id: string): Promise<void> {
    if (this.current?.id === id) await this.close();
  }

  /** The server is gone, and its proposals with it. */
  async lose(): Promise<void> {
    const title = this.current?.title;
    if (title === undefined) return;
    await this.close();
    const words = `the server ended before '${title}' was answered, so nothing of it was applied; run the action again`;
    void vscode.window.showWarningMessage(`Tierwise: ${words}`);
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
    const item = itemOf(node, this.taken.get(node.file.uri) ?? new Set());
    item.id = [this.n, node.file.uri, node.hunk ?? ''].join(' ');
    item.command = { title: 'Show', command: 'tierwise.revealProposal', arguments: [node] };
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
    if (file === undefined) return 'This proposal was answered, or was of an earlier window.';
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
    // Otherwise the next file that is looked at takes its place.
    await vscode.commands.executeCommand('workbench.action.keepEditor');
  }

  private async ask(proposal: Proposal): Promise<void> {
    const isPreview = proposal.code === 'preview' || proposal.code === 'needs-consent';
    const words = `Tierwise: ${proposal.title}${isPreview ? '' : ' was not applied'}: ${proposal.reason}`;
    const show = isPreview ? vscode.window.showInformationMessage : vscode.window.showWarningMessage;
    const hasParts = proposal.files.length > 1 || proposal.files.some(({ hunks }) => hunks.length > 1);
    if (hasParts) await this.showParts();
    const answer = await show<string>(words, ACCEPT, ...(hasParts ? [] : [CHOOSE]), DISCARD);
    if (this.current === proposal) await this.answer(answer);
    else await this.answerLater(proposal.id, answer);
  }

  /** The message stood there longer than its proposal: what is not looked at any more is shown first, not applied. */
  private async answerLater(id: string, chosen: string | undefined): Promise<void> {
    if (chosen === undefined) return;
    const told = (await this.execute(chosen === DISCARD ? DISMISS : REVIEW, { id })) as Told;
    if (told.status === 'refused') throw new Error(told.message);
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
    this.current = undefined;
    this.nodes = [];
    this.taken.clear();
    this.treeChanged.fire(undefined);
    await closeTabs(title);
    await vscode.commands.executeCommand('setContext', 'tierwise.hasProposal', false);
  }

  /** Diffs of an earlier window go away, and the title bar has our buttons only over a proposal. */
  private async lookAtTabs(): Promise<void> {
    const isShown = isShownNow(this.current?.title);
    await vscode.commands.executeCommand('setContext', 'tierwise.isProposalShown', isShown);
    const old = allTabs().filter((tab) => (numberOf(tab) ?? this.n) !== this.n);
    if (old.length > 0) await vscode.window.tabGroups.close(old);
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
