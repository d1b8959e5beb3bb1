/** Puts the parts together. */
import * as vscode from 'vscode';
import { ActionsView } from './actionsView';
import { Afterwards } from './afterwards';
import { Commands } from './commands';
import { findServer, type Found } from './discover';
import { offerHelp } from './help';
import { Home } from './home';
import { Pages } from './pages';
import { ReportPanel, type Report } from './panel';
import { showProgress } from './progress';
import { Review } from './review';
import { Runs } from './runs';
import { Server } from './server';
import { StatusItem } from './status';
import { mustBeTrusted } from './trust';
import { REPORT, STATUS, type Figures } from './wire';

let server: Server | undefined;

/** Called by VS Code when a file of a known language is opened, or a command is run. */
export function activate(context: vscode.ExtensionContext): void {
  const home = new Home(context);
  const { output } = home;
  const status = new StatusItem();
  const pages = new Pages();
  const progress = showProgress(() => started.running);
  const runs: Runs = new Runs(() => started, output);
  const review = new Review((command, argument) => started.execute(command, argument), runs.tellSafely);
  const locate = (signal: AbortSignal): Promise<Found> => findServer(home.provided, signal);
  const started: Server = new Server(output, locate, {
    middleware: {
      handleWorkDoneProgress: progress.handle,
      executeCommand: runs.executeCommand,
      workspace: { handleApplyEdit: runs.handleApplyEdit },
    },
    attach: (client) => {
      client.onNotification(STATUS, (figures: Figures) => {
        status.setFigures(figures);
        void report.update();
        void done.update();
      });
      review.listenTo(client, runs);
    },
  });
  const report = new ReportPanel(async () => (await started.execute(REPORT)) as Report);
  const done = new ActionsView((command, argument) => started.execute(command, argument));
  const afterwards = new Afterwards(started, runs, pages);
  server = started;
  started.onChange((state) => {
    status.setState(state);
    if (state.kind !== 'running') progress.clear();
    if (state.kind !== 'running') void review.lose();
    if (state.kind === 'failed') void offerHelp(state);
  });
  const commands = new Commands(started, runs, pages, report, context.workspaceState);
  context.subscriptions.push(home, status, pages, report, review, done, afterwards, started, ...commands.register());
  context.subscriptions.push(...registerPlain(started, output, runs), ...watchSettings(started), ...review.register(runs));
  context.subscriptions.push(...afterwards.register(), ...home.moveIn(started, (work) => runs.tellingWhy(work)));
  void started.start();
}

/** Called by VS Code when the window closes or the extension is switched off. */
export async function deactivate(): Promise<void> {
  await server?.stop();
}

function registerPlain(of: Server, output: vscode.LogOutputChannel, runs: Runs): vscode.Disposable[] {
  const add = vscode.commands.registerCommand.bind(vscode.commands);
  const addTrusted = (name: string, work: () => Promise<void>): vscode.Disposable =>
    add(name, () =>
      runs.tellingWhy(() => {
        mustBeTrusted();
        return work();
      }),
    );
  return [
    addTrusted('tierwise.start', () => of.start()),
    addTrusted('tierwise.restart', () => of.restart()),
    add('tierwise.stop', () => of.stop()),
    add('tierwise.showLog', () => {
      output.show();
    }),
  ];
}

function watchSettings(of: Server): vscode.Disposable[] {
  const named = (): string => JSON.stringify(vscode.workspace.getConfiguration('tierwise').get('server'));
  let before = named();
  return [
    vscode.workspace.onDidChangeConfiguration((change) => {
      // A folder that comes to be trusted changes what its settings say, though these are not taken from it.
      const now = named();
      if (now !== before) void of.restart();
      else if (change.affectsConfiguration('tierwise')) void of.sendSettings();
      before = now;
    }),
    // Until now nothing was started.
    vscode.workspace.onDidGrantWorkspaceTrust(() => void of.start()),
  ];
}
