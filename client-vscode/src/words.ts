/** What the user reads, as plain functions of what the server said. */
import type { Attempt, Figures, RunResult } from './wire';

const PERCENT = 100;

/** How the server is, as far as the client knows. */
export type ServerState =
  | { kind: 'starting' }
  | { kind: 'running' }
  | { kind: 'stopped' }
  | { kind: 'waiting'; seconds: number }
  | { kind: 'failed'; words: string; fix?: string };

/** The status item's text. */
export function statusText(state: ServerState, figures: Figures | undefined): string {
  switch (state.kind) {
    case 'starting':
      return '$(loading~spin) Tierwise';
    case 'waiting':
      return `$(warning) Tierwise: again in ${state.seconds} s`;
    case 'stopped':
      return '$(circle-slash) Tierwise: stopped';
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

/** The status item's tooltip, in Markdown. */
export function statusTooltip(state: ServerState, figures: Figures | undefined): string {
  if (state.kind === 'failed') return `**Tierwise**\n\n${plain(state.words)}`;
  if (state.kind !== 'running' || figures === undefined) return '**Tierwise**';
  const rows = Object.entries(figures.tiers).map(([tier, { model, state: condition, detail }]) => [
    tier,
    model ?? '–',
    detail === '' ? condition : `${condition}: ${detail}`,
  ]);
  const top = figures.topShare === null ? '' : `, ${percent(figures.topShare)} of it on the top tier`;
  const parts = [`**Tierwise** – ${plain(figures.spentToday)} spent today${top}`, table(['tier', 'model', ''], rows)];
  if (figures.busy > 0) parts.push(`${figures.busy} at work`);
  return parts.join('\n\n');
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
