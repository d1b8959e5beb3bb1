/** The instructions a user gave before, newest first. */

const MOST = 50;

/** The history with one more instruction; one that was given before moves to the front. */
export function remember(history: readonly string[], instruction: string): string[] {
  return [instruction, ...history.filter((earlier) => earlier !== instruction)].slice(0, MOST);
}

/** The history without one instruction. */
export function forget(history: readonly string[], instruction: string): string[] {
  return history.filter((earlier) => earlier !== instruction);
}

/** What an input box offers: what is typed, as a choice of its own, then what fits it. */
export function choices(history: readonly string[], typed: string): string[] {
  const wanted = typed.trim();
  const words = wanted.toLowerCase().split(/\s+/);
  const fitting = history.filter((earlier) => words.every((word) => earlier.toLowerCase().includes(word)));
  return wanted === '' ? [...history] : [wanted, ...fitting.filter((earlier) => earlier !== wanted)];
}
