/** What can be done with a result: why, what was sent, what it changed, one tier up, taken back. */
import * as vscode from 'vscode';
import { keep } from './kept';
import type { Pages } from './pages';
import type { Runs } from './runs';
import type { Server } from './server';
import { whyPage } from './words';
import { AGAIN, CHANGES, REVIEW, SENT, UNDO, WHY, type Changes, type Refused, type RunResult, type SentCalls, type Told } from './wire';

const SCHEME = 'tierwise-done';
/** So many texts of diffs are kept, a hundred files. */
const MOST = 200;

/** Commands on the last result, or on the one whose entry of the list was chosen. */
export class Afterwards implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private readonly registration = vscode.workspace.registerTextDocumentContentProvider(SCHEME, this);
  private readonly texts = new Map<string, string>();
  private n = 0;

  constructor(
    private readonly server: Server,
    private readonly runs: Runs,
    private readonly pages: Pages,
  ) {}

  register(): vscode.Disposable[] {
    const add = (name: string, work: (id: object) => Promise<void>): vscode.Disposable =>
      vscode.commands.registerCommand(name, (entry?: unknown) => this.runs.tellingWhy(() => work(idOf(entry))));
    return [
      add('tierwise.whyThisTier', (id) => this.why(id)),
      add('tierwise.showSent', (id) => this.showSent(id)),
      add('tierwise.showChanges', (id) => this.showChanges(id)),
      add('tierwise.tryHigher', (id) => this.tryHigher(id)),
      add('tierwise.takeBack', (id) => this.takeBack(id)),
      add('tierwise.reviewAgain', (id) => this.reviewAgain(id)),
    ];
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.texts.get(uri.toString()) ?? 'These texts were of an earlier window, and are kept nowhere.';
  }

  dispose(): void {
    this.registration.dispose();
  }

  private async why(id: object): Promise<void> {
    await this.pages.show('Why this tier', whyPage((await this.server.execute(WHY, id)) as RunResult));
  }

  private async showSent(id: object): Promise<void> {
    const answer = (await this.server.execute(SENT, id)) as SentCalls | Refused;
    if (answer.status === 'refused') throw new Error(answer.message);
    await this.pages.showText(`What was sent for ${answer.title}`, `${answer.title}\n\n${answer.text}\n`);
  }

  /** The texts before and after, which are in memory only and not those of now. */
  private async showChanges(id: object): Promise<void> {
    const answer = (await this.server.execute(CHANGES, id)) as Changes | Refused;
    if (answer.status === 'refused') throw new Error(answer.message);
    const rows = answer.files.map(({ uri, before, after }): [vscode.Uri, vscode.Uri, vscode.Uri] => {
      const target = vscode.Uri.parse(uri, true);
      return [target, this.side(target, answer.id, 'before', before), this.side(target, answer.id, 'after', after)];
    });
    const [only, ...more] = rows;
    if (only === undefined) throw new Error('nothing was changed');
    if (more.length > 0) await vscode.commands.executeCommand('vscode.changes', answer.title, rows);
    else await vscode.commands.executeCommand('vscode.diff', only[1], only[2], answer.title, { preview: true });
  }

  /** A proposal that has not been answered; the server sends it anew. */
  private async reviewAgain(id: object): Promise<void> {
    const answer = (await this.server.execute(REVIEW, id)) as Told;
    if (answer.status === 'refused') throw new Error(answer.message);
  }

  private async tryHigher(id: object): Promise<void> {
    this.runs.forgetCreated();
    const answer = (await this.server.execute(AGAIN, id)) as RunResult | Told;
    if (!('attempts' in answer)) throw new Error(answer.message);
    this.runs.finish(answer);
  }

  private async takeBack(id: object): Promise<void> {
    const answer = (await this.server.execute(UNDO, id)) as Told;
    this.runs.forgetCreated();
    if (answer.status === 'refused') throw new Error(answer.message);
    vscode.window.setStatusBarMessage(`Tierwise: ${answer.message}`, 10_000);
  }

  private side(target: vscode.Uri, id: string, name: string, text: string | null): vscode.Uri {
    this.n += 1;
    // The editor keeps what it has read of an address; of the same action something else may be in the editor by now.
    const uri = vscode.Uri.from({ scheme: SCHEME, path: target.path, query: `${id}-${name}-${this.n}` });
    keep(this.texts, uri.toString(), text ?? '', MOST);
    return uri;
  }
}

/** The argument for the server: the id of an entry of the list or of a result; without one it means the last. */
function idOf(entry: unknown): object {
  const isNamed = typeof entry === 'object' && entry !== null && 'id' in entry && typeof entry.id === 'string';
  return isNamed ? { id: entry.id } : {};
}
