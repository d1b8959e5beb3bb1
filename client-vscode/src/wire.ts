/** What goes over the wire beside the protocol itself: our commands, their answers and our two notifications. */

export const RUN = 'tierwise.run';
export const ASK = 'tierwise.do';
export const ACTIONS = 'tierwise.actions';
export const WHY = 'tierwise.why';
export const STATS = 'tierwise.stats';
export const REPORT = 'tierwise.report';
export const DOCTOR = 'tierwise.doctor';
export const STATUS = 'tierwise/status';
export const PROPOSAL = 'tierwise/proposal';

/** The one argument of `tierwise.run`. Ranges and diagnostics stay as the server wrote them. */
export interface RunArgument {
  action: string;
  uri: string;
  range?: unknown;
  version?: number;
  instruction?: string;
  tier?: 'auto' | 'local' | 'bulk' | 'top';
  diagnostics?: unknown[];
}

export interface Reason {
  code: string;
  words: string;
}

export interface Attempt {
  tier: string;
  model: string;
  scripted?: boolean;
  outcome: string;
  code: string;
  detail: string;
  cost: string;
  seconds: number;
  inputTokens: number;
  outputTokens: number;
}

/** What `tierwise.run` and `tierwise.why` answer. */
export interface RunResult {
  status: 'applied' | 'proposed' | 'refused' | 'cancelled';
  code: string;
  message: string;
  action: string;
  tier: string | null;
  model: string | null;
  scripted?: boolean;
  cost: string;
  attempts: Attempt[];
  reasons: Reason[];
  notes: string[];
}

/** One entry of the menu; the title is complete, with model and price. */
export interface Offer {
  action: string;
  title: string;
  tier: string | null;
  model: string | null;
  needsInstruction: boolean;
  disabledReason: string | null;
  reasons: Reason[];
  arguments: RunArgument;
}

/** What `tierwise.actions` answers. */
export interface Offers {
  status: 'done' | 'refused';
  message?: string;
  actions: Offer[];
}

export interface TierState {
  model: string | null;
  state: string;
  detail: string;
}

/** What `tierwise/status` carries. */
export interface Figures {
  spentToday: string;
  /** Null where there is no ledger. */
  spentTodayPicoUsd: number | null;
  topShare: number | null;
  busy: number;
  tiers: Record<string, TierState>;
}

export interface ProposedFile {
  uri: string;
  /** Null for a file that is new. */
  before: string | null;
  /** Null for a file that goes away. */
  after: string | null;
}

/** What `tierwise/proposal` carries: an edit that was verified but not applied. */
export interface Proposal {
  title: string;
  reason: string;
  files: ProposedFile[];
}

/** Calls of one tier, or of all, added up. */
export interface Calls {
  nCalls: number;
  inputTokens: number;
  outputTokens: number;
  picoUsd: number;
  nUnknownCost: number;
  shareOfSpend: number | null;
  passRate: number | null;
  duration: { medianS: number | null; p95S: number | null };
  escalations: Record<string, number>;
}

/** The part of `tierwise.stats` that is shown. */
export interface Spend {
  tiers: Record<string, Calls>;
  total: Calls;
  top: { share: number | null };
  notices: string[];
}

export interface Finding {
  name: string;
  isOk: boolean;
  found: string;
  words: string;
}

/** The part of `tierwise.doctor` that is shown. */
export interface Diagnosis {
  isWell: boolean;
  fixes: string[];
  versions: Finding[];
  tools: Finding[];
  configuration: {
    files: { path: string; isThere: boolean; isApplied: boolean }[];
    problems: { words: string }[];
  };
  tiers: Record<
    string,
    { isEnabled: boolean; models: { ref: string; availability: string; words: string; window: number | null }[] }
  >;
}

/** Turn `writeTests`, as settings, commands and kinds have it, into the server's `write_tests`. */
export function actionId(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** Whether a command was called with what our menu entries carry. */
export function isRunArgument(value: unknown): value is RunArgument {
  if (typeof value !== 'object' || value === null) return false;
  return 'action' in value && typeof value.action === 'string' && 'uri' in value && typeof value.uri === 'string';
}
