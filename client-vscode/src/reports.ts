/** The pages behind *Show spend* and *Doctor*, as Markdown. */
import { list, percent, plain, table } from './words';
import type { Calls, Diagnosis, Finding, Spend } from './wire';

const PICO_USD_PER_CENT = 1e10;
const CENTS_PER_USD = 100;
const DASH = '–';

/** Money for people; rounding happens here and only to be shown. */
export function formatMoney(picoUsd: number): string {
  const cents = picoUsd / PICO_USD_PER_CENT;
  if (picoUsd === 0) return '0 ¢';
  if (cents < 0.01) return '< 0.01 ¢';
  if (cents >= CENTS_PER_USD) return `$${(cents / CENTS_PER_USD).toFixed(2)}`;
  return `${Number(cents.toFixed(cents < 10 ? 2 : 1))} ¢`;
}

/** What was spent in one period. */
export function spendPage(period: string, spend: Spend): string {
  const { total, top } = spend;
  const share = top.share === null ? '' : `, ${percent(top.share)} of it on the top tier`;
  const heads = ['tier', 'calls:', 'tokens in:', 'tokens out:', 'spent:', 'share:', 'passed:', 'median:', 'p95:'];
  const rows = [...Object.entries(spend.tiers), ['all', total] as const].map(([name, calls]) => spendRow(name, calls));
  const escalations = Object.entries(total.escalations).map(([code, n]) => `${n} × ${plain(code)}`);
  return page([
    `## ${plain(period)}: ${formatMoney(total.picoUsd)} in ${total.nCalls} calls${share}`,
    table(heads, rows),
    ...(escalations.length > 0 ? [`Escalated: ${escalations.join(', ')}`] : []),
    ...(total.nUnknownCost > 0 ? [`The cost of ${total.nUnknownCost} calls is unknown and in no figure above`] : []),
    ...spend.notices.map(plain),
  ]);
}

function spendRow(name: string, calls: Calls): string[] {
  const { duration } = calls;
  return [
    name,
    String(calls.nCalls),
    calls.inputTokens.toLocaleString('en'),
    calls.outputTokens.toLocaleString('en'),
    formatMoney(calls.picoUsd),
    calls.shareOfSpend === null ? DASH : percent(calls.shareOfSpend),
    calls.passRate === null ? DASH : percent(calls.passRate),
    seconds(duration.medianS),
    seconds(duration.p95S),
  ];
}

/** What works, what does not, and what would mend it. */
export function doctorPage(found: Diagnosis): string {
  const models = Object.entries(found.tiers).flatMap(([tier, { isEnabled, models: listed }]) =>
    listed.map(({ ref, availability, words, window }) => [
      tier,
      ref,
      isEnabled ? [availability, words].filter((part) => part !== '').join(': ') : 'switched off',
      window === null ? DASH : window.toLocaleString('en'),
    ]),
  );
  const { files, problems } = found.configuration;
  return page([
    `# ${found.isWell ? 'All is well' : 'Something is missing'}`,
    ...(found.fixes.length > 0 ? ['## What would mend it', list(found.fixes)] : []),
    '## Models',
    table(['tier', 'model', 'state', 'window:'], models),
    '## Surroundings',
    table(['', '', 'found'], [...found.versions, ...found.tools].map(findingRow)),
    '## Configuration',
    table(['file', ''], files.map(fileRow)),
    list(problems.map(({ words }) => words)),
  ]);
}

function findingRow({ name, isOk, found, words }: Finding): string[] {
  return [isOk ? '✓' : '✗', name, [found, words].filter((part) => part !== '').join(': ')];
}

function fileRow(file: { path: string; isThere: boolean; isApplied: boolean }): string[] {
  if (!file.isThere) return [file.path, 'not there'];
  return [file.path, file.isApplied ? 'applied' : 'not applied'];
}

function seconds(value: number | null): string {
  return value === null ? DASH : `${value.toFixed(1)} s`;
}

function page(parts: readonly string[]): string {
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}
