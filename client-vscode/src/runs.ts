/** One action from the click to the last word about it. */
import * as vscode from 'vscode';
import type { ApplyWorkspaceEditParams, Middleware } from 'vscode-languageclient/node';
import type { Server } from './server';
import { NotTrusted, offerTrust } from './trust';
import { resultLine } from './words';
import { RUN, isRunArgument, type RunArgument, type RunResult } from './wire';
import { isCancelled, isLost } from './wireErrors';

const SHOWN_MS = 10_000;
const OPEN_BUTTON = 'Open';
/** What can be done with a result, by the words on the button. */
const AFTERWARDS: Record<string, string> = {
  'Why this tier': 'tierwise.whyThisTier',
  'Show what was sent': 'tierwise.showSent',
  'Try one tier up': 'tierwise.tryHigher',
};

/** Runs actions and tells what came of them; refusals are told by the server itself. */
export class Runs {
  private created: vscode.Uri[] = [];
  private lastLine: vscode.Disposable | undefined;

  constructor(
    private readonly server: () => Server,
    private readonly output: vscode.LogOutputChannel,
  ) {}

  /** Carry out one action; settles when it is applied, refused or cancelled. */
  async run(argument: RunArgument): Promise<void> {
    this.lastLine?.dispose();
    this.forgetCreated();
    this.finish((await this.server().execute(RUN, argument)) as RunResult);
  }

  /** Say what came of an action; proposals are shown elsewhere, and the server itself tells of refusals. */
  finish(result: RunResult): void {
    if (result.status === 'applied') {
      this.tellSafely(result);
      return;
    }
    this.forgetCreated();
    if (result.status === 'cancelled') this.showLine('Tierwise: cancelled');
  }

  /** Do something that may fail, and show the reason as one sentence. */
  async tellingWhy(work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (isCancelled(error)) return;
      if (error instanceof NotTrusted) {
        void offerTrust();
        return;
      }
      const words = isLost(error) ? 'the server ended before it answered' : error instanceof Error ? error.message : String(error);
      this.output.warn(words);
      void vscode.window.showErrorMessage(`Tierwise: ${words}`);
    }
  }

  /** Menu entries are the server's own commands; their answers pass through here. */
  readonly executeCommand: NonNullable<Middleware['executeCommand']> = async (command, args, next) => {
    const argument: unknown = args[0];
    if (command !== RUN || !isRunArgument(argument)) return (await next(command, args)) as unknown;
    await this.tellingWhy(() => this.run(argument));
    return undefined;
  };

  /** Remembers the files an edit makes, to offer them when the action is done. */
  readonly handleApplyEdit: NonNullable<NonNullable<Middleware['workspace']>['handleApplyEdit']> = (params, next) => {
    this.created.push(...createdFiles(params));
    return next(params, new vscode.CancellationTokenSource().token);
  };

  /** The files an edit has made are offered for that edit alone. */
  forgetCreated(): void {
    this.created = [];
  }

  /** Tell of a result, and why where a button of the message leads nowhere any more. */
  readonly tellSafely = (result: RunResult): void => {
    void this.tellingWhy(() => this.tell(result));
  };

  private showLine(words: string): void {
    this.lastLine = vscode.window.setStatusBarMessage(words, SHOWN_MS);
  }

  /** The message about a result that is in the editor; how often it is shown is the user's choice. */
  private async tell(result: RunResult): Promise<void> {
    const created = this.created.splice(0).at(-1);
    const line = resultLine(result);
    this.showLine(line);
    const wanted = vscode.workspace.getConfiguration('tierwise.client').get<string>('resultMessage', 'notes');
    const isPlain = created === undefined && result.notes.length === 0;
    if (wanted === 'never' || (wanted === 'notes' && isPlain)) return;
    const buttons = [...(created === undefined ? [] : [OPEN_BUTTON]), ...Object.keys(AFTERWARDS)];
    const words = [line, ...result.notes].join('; ');
    const chosen = await vscode.window.showInformationMessage(words, ...buttons);
    if (chosen === OPEN_BUTTON && created !== undefined) await vscode.window.showTextDocument(created);
    const command = AFTERWARDS[chosen ?? ''];
    if (command !== undefined) await vscode.commands.executeCommand(command, result);
  }
}

function createdFiles(params: ApplyWorkspaceEditParams): vscode.Uri[] {
  const changes = params.edit.documentChanges ?? [];
  return changes.flatMap((change) => ('kind' in change && change.kind === 'create' ? [vscode.Uri.parse(change.uri, true)] : []));
}
