/** One action from the click to the last word about it. */
import * as vscode from 'vscode';
import {
  CancellationToken,
  CreateFile,
  LSPErrorCodes,
  ResponseError,
  type ApplyWorkspaceEditParams,
  type Middleware,
} from 'vscode-languageclient/node';
import type { Server } from './server';
import { resultLine } from './words';
import { RUN, isRunArgument, type RunArgument, type RunResult } from './wire';

const SHOWN_MS = 10_000;
const WHY_BUTTON = 'Why this tier';
const OPEN_BUTTON = 'Open';

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
    const result = (await this.server().execute(RUN, argument)) as RunResult;
    if (result.status === 'applied') void this.tell(result);
    else if (result.status === 'cancelled') this.showLine('Tierwise: cancelled');
  }

  /** Do something that may fail, and show the reason as one sentence. */
  async tellingWhy(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (isCancelled(error)) return;
      const words = error instanceof Error ? error.message : String(error);
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
    return next(params, CancellationToken.None);
  };

  private showLine(words: string): void {
    this.lastLine = vscode.window.setStatusBarMessage(words, SHOWN_MS);
  }

  private async tell(result: RunResult): Promise<void> {
    const created = this.created.splice(0).at(-1);
    const line = resultLine(result);
    this.showLine(line);
    if (created === undefined && result.notes.length === 0) return;
    const buttons = created === undefined ? [WHY_BUTTON] : [OPEN_BUTTON, WHY_BUTTON];
    const words = [line, ...result.notes].join('; ');
    const chosen = await vscode.window.showInformationMessage(words, ...buttons);
    if (chosen === WHY_BUTTON) await vscode.commands.executeCommand('tierwise.whyThisTier');
    if (chosen === OPEN_BUTTON && created !== undefined) await vscode.window.showTextDocument(created);
  }
}

function createdFiles(params: ApplyWorkspaceEditParams): vscode.Uri[] {
  const changes = params.edit.documentChanges ?? [];
  return changes.filter((change) => CreateFile.is(change)).map((change) => vscode.Uri.parse(change.uri, true));
}

function isCancelled(error: unknown): boolean {
  return error instanceof ResponseError && error.code === LSPErrorCodes.RequestCancelled;
}
