/** What goes over the wire beside the protocol itself: our commands, their answers and our notifications. */

import type { Hunk } from './hunks';

export const RUN = 'tierwise.run';
export const ASK = 'tierwise.do';
export const ACTIONS = 'tierwise.actions';
export const WHY = 'tierwise.why';
export const STATS = 'tierwise.stats';
export const REPORT = 'tierwise.report';
export const DOCTOR = 'tierwise.doctor';
export const ACCEPT_PARTS = 'tierwise.accept';
export const DISMISS = 'tierwise.dismiss';
export const REVIEW = 'tierwise.review';
export const AGAIN = 'tierwise.again';
export const UNDO = 'tierwise.undo';
export const HISTORY = 'tierwise.history';
export const CHANGES = 'tierwise.changes';
export const SENT = 'tierwise.sent';
export const BACKENDS = 'tierwise.backends';
export const KEYS = 'tierwise/keys';
export const STATUS = 'tierwise/status';
export const PROPOSAL = 'tierwise/proposal';
export const CLOSED = 'tierwise/closed';

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
  id?: string;
  status: 'applied' | 'proposed' | 'refused' | 'cancelled' | 'discarded';
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

/** What commands on earlier results answer when no action came of it. */
export interface Told {
  status: string;
  code: string;
  message: string;
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
  /** The same on every other tier that can be asked. */
  twins: { title: string; arguments: RunArgument }[];
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
  spentToday?: string;
}

/** A day or a month beside its bounds; null is no bound. */
export interface BudgetState {
  spent: string | null;
  hard: string | null;
  isOverSoft: boolean;
  isUsedUp: boolean;
  words: string | null;
}

/** What `tierwise/status` carries. */
export interface Figures {
  spentToday: string;
  /** Null where there is no ledger. */
  spentTodayPicoUsd: number | null;
  topShare: number | null;
  topShareRecently: number | null;
  topShareLimit: number;
  topShareDays: number;
  /** Null where there is no ledger, as all money. */
  budgets: { day: BudgetState; month: BudgetState } | null;
  cache: { hitsToday: number; sparedToday: string } | null;
  tripwire: { state: 'off' | 'watching' | 'alert'; raised: string[] };
  busy: number;
  tiers: Record<string, TierState>;
}

export interface ProposedFile {
  uri: string;
  /** What the file says now; null for a file that is new. */
  before: string | null;
  /** Null for a file that goes away. */
  after: string | null;
  hunks: Hunk[];
  /** Which part of a plan it belongs to. */
  part?: string;
  /** What of it nobody asked for, as the end of a sentence. */
  question: string | null;
  /** The other half of a move. */
  movesWith: string | null;
}

/** What `tierwise/proposal` carries: an edit that was verified but not applied. */
export interface Proposal {
  id: string;
  title: string;
  code: string;
  reason: string;
  tier: string | null;
  model: string | null;
  cost: string;
  notes: string[];
  files: ProposedFile[];
}

/** One action of the list of what was done. */
export interface Done {
  id: string;
  at: string;
  title: string;
  language: string;
  status: string;
  code: string;
  fate: string | null;
  message: string;
  tier: string | null;
  model: string | null;
  scripted: boolean;
  cost: string;
  seconds: number;
  calls: number;
  files: string[];
  isOfSession: boolean;
  canUndo: boolean;
  canShowChanges: boolean;
  canShowSent: boolean;
  canReview: boolean;
}

/** What `tierwise.history` answers. */
export interface History {
  actions: Done[];
}

/** A command that did nothing, and why. */
export interface Refused {
  status: 'refused';
  message: string;
}

/** What `tierwise.changes` answers. */
export interface Changes {
  status: 'done';
  id: string;
  title: string;
  files: { uri: string; before: string | null; after: string | null }[];
}

/** What `tierwise.sent` answers, as far as it is shown. */
export interface SentCalls {
  status: 'done';
  title: string;
  text: string;
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

/** One server a key can be given to. */
export interface BackendState {
  name: string;
  type: string;
  /** Scheme, host and port; a key is bound to it. */
  origin: string;
  needsKey: boolean;
  /** Whether a key may travel to it: over https, or on this machine. */
  isEncrypted: boolean;
  /** Where its key was found; null where there is none. */
  source: string | null;
  models: string[];
}

/** What `tierwise.backends` answers. */
export interface Backends {
  backends: BackendState[];
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
    { isEnabled: boolean; models: { ref: string; availability: string; words: string; fix?: string; window: number | null }[] }
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

/** Whether a proposal that was sent again is for the same texts. */
export function isSameProposal(one: Proposal, other: Proposal): boolean {
  return one.id === other.id && JSON.stringify(one.files) === JSON.stringify(other.files);
}
