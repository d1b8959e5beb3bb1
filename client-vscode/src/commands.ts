/** What the palette, the context menu and the keys do; the menus themselves come from the server. */
import * as vscode from 'vscode';
import { askInstruction } from './box';
import { followed } from './followed';
import type { Pages } from './pages';
import type { ReportPanel } from './panel';
import { doctorPage, spendPage } from './reports';
import type { Runs } from './runs';
import type { Server } from './server';
import { mustBeTrusted } from './trust';
import {
  ACTIONS,
  ASK,
  DOCTOR,
  STATS,
  actionId,
  isRunArgument,
  type Diagnosis,
  type Offer,
  type Offers,
  type RunArgument,
  type Spend,
} from './wire';

const ACTION_COMMANDS = ['format', 'writeTests', 'refactor', 'fixDiagnostic', 'document', 'addTypeHints', 'refactorAcrossFiles'];
const PERIODS = { 'Last 24 hours': '24h', 'Last 7 days': '7d', 'Last 30 days': '30d' };

/** The commands that need a running server. */
export class Commands {
  constructor(
    private readonly server: Server,
    private readonly runs: Runs,
    private readonly pages: Pages,
    private readonly report: ReportPanel,
    private readonly memory: vscode.Memento,
  ) {}

  register(): vscode.Disposable[] {
    const add = (name: string, work: (argument?: unknown) => Promise<void>): vscode.Disposable =>
      vscode.commands.registerCommand(name, (argument?: unknown) => this.runs.tellingWhy(() => work(argument)));
    return [
      ...ACTION_COMMANDS.map((name) => add(`tierwise.${name}`, () => this.runHere(actionId(name)))),
      add(ASK, (argument) => (isRunArgument(argument) ? this.ask(argument) : this.runHere('do'))),
      add('tierwise.pick', () => this.pick()),
      add('tierwise.pickTier', () => this.pickTier()),
      add('tierwise.showSpend', () => this.showSpend()),
      add('tierwise.showReport', () => this.report.show()),
      add('tierwise.showDoctor', async () => {
        await this.pages.show('Doctor', doctorPage((await this.server.execute(DOCTOR)) as Diagnosis));
      }),
    ];
  }

  /** Run one action on the selection, if the server offers it there. */
  private async runHere(action: string): Promise<void> {
    const offers = await this.offersHere();
    const offer = offers.find((one) => one.action === action && one.disabledReason === null);
    if (offer !== undefined) {
      await this.take(offer);
      return;
    }
    const disabled = offers.find((one) => one.action === action)?.disabledReason;
    throw new Error(disabled ?? 'that action does not apply here, put the cursor in a function or select some code');
  }

  /** Let the user choose among all that is offered for the selection. */
  private async pick(): Promise<void> {
    const items = (await this.offersHere()).map((offer) => ({
      label: offer.title,
      ...(offer.disabledReason === null ? {} : { detail: offer.disabledReason }),
      offer,
    }));
    if (items.length === 0) throw new Error('nothing is offered here, put the cursor in a function or select some code');
    const chosen = await vscode.window.showQuickPick(items, { title: 'Tierwise', matchOnDetail: true });
    if (chosen !== undefined) await this.take(chosen.offer);
  }

  /** Let the user choose an action, then the tier that is to do it. */
  private async pickTier(): Promise<void> {
    const offers = (await this.offersHere()).filter(({ disabledReason }) => disabledReason === null);
    if (offers.length === 0) throw new Error('nothing is offered here, put the cursor in a function or select some code');
    const items = offers.flatMap((offer) => [
      { label: offer.title, offer },
      ...offer.twins.map((twin) => ({ label: twin.title, offer: { ...offer, ...twin } })),
    ]);
    const chosen = await vscode.window.showQuickPick(items, { title: 'Tierwise: which action, on which tier?' });
    if (chosen !== undefined) await this.take(chosen.offer);
  }

  private async take(offer: Offer): Promise<void> {
    if (offer.disabledReason !== null) throw new Error(offer.disabledReason);
    if (offer.needsInstruction) await this.ask(offer.arguments, offer.title);
    else await this.runs.run(offer.arguments);
  }

  private async ask(argument: RunArgument, title = 'Do…'): Promise<void> {
    // The box stays while the user types elsewhere, and what they meant moves with the text.
    const target = followed(argument);
    try {
      const instruction = await askInstruction(title, this.memory);
      if (instruction !== undefined) await this.runs.run({ ...target.argument(), instruction });
    } finally {
      target.dispose();
    }
  }

  private async offersHere(): Promise<Offer[]> {
    mustBeTrusted();
    const editor = vscode.window.activeTextEditor;
    if (editor === undefined) throw new Error('there is no editor with a file in it');
    const { document, selection } = editor;
    if (document.uri.scheme === 'vscode-notebook-cell') throw new Error('cells of notebooks are not served, try it in a file');
    await this.server.begun();
    const client = this.server.running;
    const near = vscode.languages.getDiagnostics(document.uri).filter(({ range }) => range.intersection(selection));
    const argument = {
      uri: document.uri.toString(),
      range: client?.code2ProtocolConverter.asRange(selection),
      version: document.version,
      diagnostics: (await client?.code2ProtocolConverter.asDiagnostics(near)) ?? [],
    };
    const answer = (await this.server.execute(ACTIONS, argument)) as Offers;
    if (answer.status === 'refused') throw new Error(answer.message ?? 'nothing is offered here');
    return answer.actions;
  }

  private async showSpend(): Promise<void> {
    const pages = await Promise.all(
      Object.entries(PERIODS).map(async ([words, since]) =>
        spendPage(words, (await this.server.execute(STATS, { since })) as Spend),
      ),
    );
    await this.pages.show('Spend', pages.join('\n'));
  }
}
