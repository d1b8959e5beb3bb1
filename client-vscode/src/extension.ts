/** Puts the parts together. */
import * as vscode from 'vscode';
import type { LanguageClient } from 'vscode-languageclient/node';
import { Commands } from './commands';
import { Pages } from './pages';
import { ReportPanel, type Report } from './panel';
import { showProgress } from './progress';
import { Proposals } from './proposal';
import { Runs } from './runs';
import { Server } from './server';
import { StatusItem } from './status';
import type { ServerState } from './words';
import { PROPOSAL, REPORT, STATUS, type Figures, type Proposal } from './wire';

let server: Server | undefined;

/** Called by VS Code when a file of a known language is opened, or a command is run. */
export function activate(context: vscode.ExtensionContext): void {
  const output = vscode.window.createOutputChannel('Tierwise', { log: true });
  const status = new StatusItem();
  const pages = new Pages();
  const proposals = new Proposals();
  const progress = showProgress(() => started.running);
  const runs: Runs = new Runs(() => started, output);
  const started: Server = new Server(output, {
    middleware: {
      handleWorkDoneProgress: progress.handle,
      executeCommand: runs.executeCommand,
      workspace: { handleApplyEdit: runs.handleApplyEdit },
    },
    attach: (client: LanguageClient) => {
      client.onNotification(STATUS, (figures: Figures) => {
        status.setFigures(figures);
        void report.update();
      });
      client.onNotification(PROPOSAL, (proposal: Proposal) => void runs.tellingWhy(() => proposals.show(proposal)));
    },
  });
  const report = new ReportPanel(async () => (await started.execute(REPORT)) as Report);
  server = started;
  started.onChange((state) => {
    status.setState(state);
    if (state.kind !== 'running') progress.clear();
    if (state.kind === 'failed') void offerHelp(state, output);
  });
  const commands = new Commands(started, runs, pages, report, context.globalState);
  context.subscriptions.push(output, status, pages, report, proposals, started, ...commands.register());
  context.subscriptions.push(...registerPlain(started, proposals, output), ...watchSettings(started));
  void started.start();
}

/** Called by VS Code when the window closes or the extension is switched off. */
export async function deactivate(): Promise<void> {
  await server?.stop();
}

function registerPlain(of: Server, proposals: Proposals, output: vscode.LogOutputChannel): vscode.Disposable[] {
  const add = vscode.commands.registerCommand.bind(vscode.commands);
  return [
    add('tierwise.start', () => of.start()),
    add('tierwise.restart', () => of.restart()),
    add('tierwise.stop', () => of.stop()),
    add('tierwise.showLog', () => {
      output.show();
    }),
    add('tierwise.acceptProposal', () => proposals.accept()),
    add('tierwise.discardProposal', () => proposals.discard()),
  ];
}

function watchSettings(of: Server): vscode.Disposable[] {
  return [
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration('tierwise.server')) void of.restart();
      else if (change.affectsConfiguration('tierwise')) void of.sendSettings();
    }),
    // What may be read and run is decided once, when the server is greeted.
    vscode.workspace.onDidGrantWorkspaceTrust(() => void of.restart()),
  ];
}

/** The sentence that says why there is no server, with buttons for what can be done about it. */
async function offerHelp(state: ServerState & { kind: 'failed' }, output: vscode.LogOutputChannel): Promise<void> {
  const [copy, settings, restart, log] = ['Copy the command', 'Open settings', 'Restart', 'Show log'];
  const buttons = state.fix === undefined ? [settings, restart, log] : [copy, settings, restart];
  const chosen = await vscode.window.showErrorMessage(`Tierwise: ${state.words}`, ...buttons);
  if (chosen === copy) await vscode.env.clipboard.writeText(state.fix ?? '');
  else if (chosen === settings) await vscode.commands.executeCommand('workbench.action.openSettings', 'tierwise.server');
  else if (chosen === restart) await vscode.commands.executeCommand('tierwise.restart');
  else if (chosen === log) output.show();
}
