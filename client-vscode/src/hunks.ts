/** Hunks of a proposed file: which are taken, what the file says then, and what they are called. */

/** Half-open ranges of lines of both texts, counted from 0. */
export interface Hunk {
  start: number;
  end: number;
  newStart: number;
  newEnd: number;
}

const LABEL_LENGTH = 32;

/** Lines with their ends, as the server splits them: only `\r\n`, `\n` and `\r` end a line. */
export function splitLines(text: string): string[] {
  return text.match(/[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+$/g) ?? [];
}

/** What a text says with some of the hunks taken. */
export function composed(before: string, after: string, hunks: readonly Hunk[], taken: ReadonlySet<number>): string {
  const [old, fresh] = [splitLines(before), splitLines(after)];
  const parts: string[] = [];
  let at = 0;
  for (const [number, hunk] of hunks.entries()) {
    parts.push(...old.slice(at, hunk.start));
    parts.push(...(taken.has(number) ? fresh.slice(hunk.newStart, hunk.newEnd) : old.slice(hunk.start, hunk.end)));
    at = hunk.end;
  }
  return [...parts, ...old.slice(at)].join('');
}

/** Which hunks are in a text that somebody else has put some of them into; undefined where it says something else too. */
export function takenIn(before: string, after: string, hunks: readonly Hunk[], now: string): Set<number> | undefined {
  const [old, fresh, lines] = [splitLines(before), splitLines(after), splitLines(now)];
  const standsAt = (part: readonly string[], at: number): boolean => part.every((line, number) => lines[at + number] === line);
  // By the line that comes next, what was taken on the way there: lines that repeat leave several ways open.
  let ways = new Map<number, number[]>([[0, []]]);
  let at = 0;
  for (const [number, { start, end, newStart, newEnd }] of hunks.entries()) {
    const [kept, ours, theirs] = [old.slice(at, start), old.slice(start, end), fresh.slice(newStart, newEnd)];
    const further = new Map<number, number[]>();
    for (const [place, chosen] of ways) {
      const next = place + kept.length;
      if (!standsAt(kept, place)) continue;
      if (standsAt(ours, next)) further.set(next + ours.length, chosen);
      if (standsAt(theirs, next)) further.set(next + theirs.length, [...chosen, number]);
    }
    ways = further;
    at = end;
  }
  const rest = old.slice(at);
  const found = ways.get(lines.length - rest.length);
  return found === undefined || !standsAt(rest, lines.length - rest.length) ? undefined : new Set(found);
}

/** The line at which a hunk begins in the text in which the taken ones before it are in. */
export function lineOf(hunks: readonly Hunk[], number: number, taken: ReadonlySet<number>): number {
  const grown = hunks.slice(0, number).map((hunk, at) => (taken.has(at) ? hunk.newEnd - hunk.newStart - hunk.end + hunk.start : 0));
  return grown.reduce((sum, lines) => sum + lines, hunks[number]?.start ?? 0);
}

/** Where a hunk is and what it is about: its first line that says something. */
export function hunkLabel(before: string, after: string, hunk: Hunk): string {
  const fresh = firstWords(splitLines(after).slice(hunk.newStart, hunk.newEnd));
  return `${hunk.start + 1}: ${fresh ?? firstWords(splitLines(before).slice(hunk.start, hunk.end)) ?? 'blank lines'}`;
}

/** How many lines come and go, e.g. `+3 −1`. */
export function hunkSize(hunk: Hunk): string {
  return `+${hunk.newEnd - hunk.newStart} −${hunk.end - hunk.start}`;
}

function firstWords(lines: readonly string[]): string | undefined {
  const found = lines.map((line) => line.trim()).find((line) => line !== '');
  if (found === undefined) return undefined;
  return found.length <= LABEL_LENGTH ? found : `${found.slice(0, LABEL_LENGTH - 1)}…`;
}
