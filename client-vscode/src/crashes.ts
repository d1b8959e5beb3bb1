/** How long to wait before a server that died is started again. */

const WINDOW_MS = 180_000;
const DELAYS_MS = [1_000, 4_000, 15_000];

/** Remembers when the server died, to wait longer each time and to give up at last. */
export class CrashLog {
  private moments: number[] = [];

  /** Milliseconds to wait, given a moment of a clock that is never set; null when it died so often that only the user should start it again. */
  add(now: number): number | null {
    this.moments = this.moments.filter((moment) => now - moment < WINDOW_MS);
    this.moments.push(now);
    return DELAYS_MS[this.moments.length - 1] ?? null;
  }

  /** Forget everything, after the user started the server by hand. */
  clear(): void {
    this.moments = [];
  }
}
