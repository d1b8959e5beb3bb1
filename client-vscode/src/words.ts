/** What the user reads, as plain functions of what the server said. */
import type { FailureKind } from './setup/failures';
import type { Attempt, BudgetState, Done, Figures, Proposal, RunResult } from './wire';

const PERCENT = 100;

/** Why there is no server in a window that is not trusted. */
export const RESTRICTED = 'nothing is started in a folder that is not trusted, so no action is offered here until you trust it';

/** How the server is, as far as the client knows. */
export type ServerState =
  | { kind: 'starting' }
  | { kind: 'running' }
  | { kind: 'stopped' }
  | { kind: 'restricted' }
  | { kind: 'waiting'; seconds: number }
  | FailedState;

/** There is no server; `setup` says what kept one from being set up. */
export interface FailedState {
  kind: 'failed';
  words: string;
  fix?: string;
  setup?: FailureKind;
}

/** The status item's text. */
export function statusText(state: ServerState, figures: Figures | undefined): string {
  switch (state.kind) {
    case 'starting':
      return '$(loading~spin) Tierwise';
    case 'waiting':
      return `$(warning) Tierwise: again in ${state.seconds} s`;
    case 'stopped':
      return '$(circle-slash) Tierwise: stopped';
    case 'restricted':
      return '$(shield) Tierwise: restricted';
    case 'failed':
      return '$(error) Tierwise';
    case 'running':
      return figures === undefined ? '$(layers) Tierwise: ready' : runningText(figures);
  }
}

function runningText(figures: Figures): string {
  const icon = figures.busy > 0 ? '$(sync~spin)' : '$(layers)';
  if (figures.spentTodayPicoUsd === null || figures.spentTodayPicoUsd === 0) return `${icon} Tierwise: ready`;
  return `${icon} ${figures.spentToday}${share(figures.topShare)}`;
}

function share(topShare: number | null): string {
  return topShare === null ? '' : ` · top ${percent(topShare)}`;
}

/** The status item's tooltip, in Markdown with icons and links to commands. */
export function statusTooltip(state: ServerState, figures: Figures | undefined): string {
  if (state.kind === 'failed') return `**Tierwise**\n\n${plain(state.words)}`;
  if (state.kind === 'restricted') return `**Tierwise**\n\n${plain(RESTRICTED)}\n\n[Manage Workspace Trust](command:workbench.trust.manage)`;
  if (state.kind !== 'running' || figures === undefined) return '**Tierwise**';
  const rows = Object.entries(figures.tiers).map(([tier, { model, state: condition, detail, spentToday }]) => [
    tier,
    model ?? '–',
    detail === '' ? condition : `${condition}: ${detail}`,
    spentToday ?? '–',
  ]);
  const top = figures.topShare === null ? '' : `, ${percent(figures.topShare)} of it on the top tier`;
  const parts = [
    `**Tierwise** – ${plain(figures.spentToday)} spent today${top}`,
    table(['tier', 'model', '', 'today:'], rows),
    ...warnings(figures).map((words) => `$(warning) ${plain(words)}`),
    ...standing(figures),
  ];
  if (figures.busy > 0) parts.push(`$(sync~spin) ${figures.busy} at work`);
  return [...parts, LINKS].join('\n\n');
}

const LINKS = [
  '[Report](command:tierwise.showReport)',
  '[Spend](command:tierwise.showSpend)',
  '[What was done](command:tierwise.history.focus)',
  '[Doctor](command:tierwise.showDoctor)',
].join(' · ');

/** What the user should see at a glance: a bound that is passed, models that got worse. */
export function warnings(figures: Figures): string[] {
  const { budgets, tripwire, topShareRecently: recently, topShareLimit: limit, topShareDays: days } = figures;
  const share =
    recently === null || recently <= limit
      ? []
      : [`${percent(recently)} of the last ${days} days' spend went to the top tier, over ${percent(limit)}`];
  const bounds = budgets === null ? [] : [...boundWords('day', budgets.day), ...boundWords('month', budgets.month)];
  return [...bounds, ...share, ...tripwire.raised];
}

function boundWords(period: string, budget: BudgetState): string[] {
  if (budget.isUsedUp) return [`the budget of the ${period} is used up`];
  return budget.isOverSoft ? [`${budget.spent ?? ''} spent this ${period}, past the soft limit`] : [];
}

function standing({ budgets, cache, tripwire }: Figures): string[] {
  const bounds = [budgets?.day, budgets?.month].map((one) => (one?.hard === null ? null : one?.words));
  const spared = cache === null || cache.hitsToday === 0 ? '' : `${cache.hitsToday} from the cache, ${cache.sparedToday} saved`;
  const watching = tripwire.state === 'watching' ? 'the tripwire watches the cheap models' : '';
  return [...bounds, spared, watching].flatMap((words) => (words === undefined || words === null || words === '' ? [] : [plain(words)]));
}

/** What is said above the parts of a proposal. */
export function reviewWords({ reason, tier, model, cost, notes }: Proposal): string {
  const by = model === null ? '' : `${tier ?? ''}: ${model}${cost === '' ? '' : `, ${cost}`}`;
  return [reason, by, ...notes].filter((part) => part !== '').join(' · ');
}

const STATUS_WORDS: Record<string, string> = {
  replaced: 'replaced by another answer',
  undone: 'taken back',
  discarded: 'not accepted',
  proposed: 'not applied yet',
  native: 'done without a model',
  unknown: 'broken off',
};

function outcomeOf(done: Done): string {
  if (done.fate === 'undone') return 'taken back';
  // The ledger only knows that an edit was proposed; one of an earlier window has been settled since.
  if (done.status === 'proposed' && !done.isOfSession) return 'proposed';
  return STATUS_WORDS[done.status] ?? done.status;
}

/** The gray words behind an entry of the list. */
export function doneDescription(done: Done): string {
  const by = done.model === null ? (done.tier ?? '') : `${done.tier ?? ''}: ${done.model}${done.scripted ? ' (scripted)' : ''}`;
  const parts = [done.cost, outcomeOf(done), by, `${done.seconds.toFixed(1)} s`, clockOf(done.at)];
  return parts.filter((part) => part !== '').join(' · ');
}

function clockOf(at: string): string {
  const moment = new Date(at);
  const isToday = moment.toDateString() === new Date().toDateString();
  const time = moment.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
  return isToday ? time : `${moment.toLocaleDateString([], { month: 'short', day: 'numeric' })} ${time}`;
}

/** What an entry of the list says when the mouse rests on it. */
export function doneTooltip(done: Done): string {
  const files = done.files.length === 0 ? [] : [list(done.files)];
  const kept = done.isOfSession ? [] : ['from the ledger, which keeps no code and no file names'];
  return [`**${plain(done.title)}**`, plain(done.message), plain(doneDescription(done)), ...files, ...kept]
    .filter((part) => part !== '')
    .join('\n\n');
}

/** One line about an action that is done; the server's message names the model. */
export function resultLine(result: RunResult): string {
  return `Tierwise: ${result.message}${result.cost === '' ? '' : ` · ${result.cost}`}`;
}

/** The reasons and attempts of the last action, as Markdown. */
export function whyPage(result: RunResult): string {
  const heads = ['tier', 'model', 'outcome', 'cost:', 'time:', 'tokens in:', 'tokens out:'];
  const parts = [`# ${plain(result.message)}`];
  if (result.reasons.length > 0) parts.push(list(result.reasons.map(({ words }) => words)));
  if (result.attempts.length > 0) parts.push(table(heads, result.attempts.map(attemptRow)));
  if (result.notes.length > 0) parts.push(list(result.notes));
  return `${parts.join('\n\n')}\n`;
}

function attemptRow(attempt: Attempt): string[] {
  const why = [attempt.code, attempt.detail].filter((part) => part !== '').join(': ');
  return [
    attempt.tier,
    modelName(attempt),
    why === '' ? attempt.outcome : `${attempt.outcome} (${why})`,
    attempt.cost,
    `${attempt.seconds.toFixed(1)} s`,
    attempt.inputTokens.toLocaleString('en'),
    attempt.outputTokens.toLocaleString('en'),
  ];
}

function modelName(of: { model: string | null; scripted?: boolean }): string {
  return `${of.model ?? '–'}${of.scripted === true ? ' (scripted)' : ''}`;
}

/** Text from elsewhere, such as a model's name, must not become a link or a command in Markdown. */
export function plain(text: string): string {
  return text.replace(/[\\`*_{}[\]<>()#+!|~$&]/g, '\\$&').replace(/\s+/g, ' ');
}

/** A list in Markdown. */
export function list(lines: readonly string[]): string {
  return lines.map((line) => `- ${plain(line)}`).join('\n');
}

/** A table in Markdown; a head that ends in a colon stands over figures, which are set to the right. */
export function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const names = heads.map((head) => head.replace(/:$/, ''));
  const rule = heads.map((head) => (head.endsWith(':') ? '--:' : ':--'));
  return [names, rule, ...rows.map((row) => row.map(plain))].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** A ratio as people read it. */
export function percent(ratio: number): string {
  return `${Math.round(ratio * PERCENT)} %`;
}
