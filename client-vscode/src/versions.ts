/** Versions such as `0.1.0` or `1.2.0rc1`, compared by their numbers alone. */

export type Version = readonly [major: number, minor: number, patch: number];

/** Null for what is no version. */
export function parseVersion(written: string): Version | null {
  const found = /^v?(\d+)\.(\d+)(?:\.(\d+))?/.exec(written.trim());
  return found === null ? null : [Number(found[1]), Number(found[2]), Number(found[3] ?? 0)];
}

/** Whether the first is the second or newer. */
export function isAtLeast(version: Version, least: Version): boolean {
  const unequal = version.findIndex((part, index) => part !== least[index]);
  return unequal === -1 || (version[unequal] ?? 0) > (least[unequal] ?? 0);
}
