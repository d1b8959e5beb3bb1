/** Why a request was not answered. */

// Codes of the protocol, which its library names too; that is loaded only when a server is started.
const REQUEST_CANCELLED = -32_800;
const METHOD_NOT_FOUND = -32_601;
const ANSWER_LOST = -32_097;

/** Whether a request ended since somebody cancelled it. */
export function isCancelled(error: unknown): boolean {
  return codeOf(error) === REQUEST_CANCELLED;
}

/** Whether a server does not know what it was asked. */
export function isUnknownMethod(error: unknown): boolean {
  return codeOf(error) === METHOD_NOT_FOUND;
}

/** Whether the server ended before it answered. */
export function isLost(error: unknown): boolean {
  return codeOf(error) === ANSWER_LOST;
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
