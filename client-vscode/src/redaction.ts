/** Takes out of a text what is nobody's business: keys, what looks like keys, passwords in addresses, names of folders. */

const MARK = '…';
/** Shorter ones would take ordinary words out. */
const SHORTEST_SECRET = 4;

const PATTERNS: readonly (readonly [RegExp, string])[] = [
  [/\b(bearer|basic)\s+[\w.+/=~-]{6,}/gi, `$1 ${MARK}`],
  [/\b((?:x-)?api[-_]?key|access[-_]?token|token|secret|password|authorization)(["']?\s*[=:]\s*["']?)[^\s"',;&]{4,}/gi, `$1$2${MARK}`],
  [/\b(?:sk|pk|rk|ghp|gho|ghs|github_pat|glpat|xox[abprs]|hf|AIza|AKIA)[-_]?[A-Za-z0-9_-]{12,}/g, MARK],
  [/\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g, MARK],
  [/(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/@:]+:[^\s/@]+@/gi, `$1${MARK}@`],
];

/** What stands for secrets and places in a redacted text. */
export interface Known {
  secrets: readonly string[];
  /** Folders by the word that replaces them; longer ones go first. */
  folders: Readonly<Record<string, string>>;
}

export function redact(text: string, known: Known): string {
  let clean = text;
  for (const secret of byLength(known.secrets)) {
    if (secret.length < SHORTEST_SECRET) continue;
    // A secret may stand in JSON or in an address, where it is written another way.
    for (const form of new Set([secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)])) {
      clean = clean.replaceAll(form, MARK);
    }
  }
  for (const [pattern, replacement] of PATTERNS) clean = clean.replace(pattern, replacement);
  return withoutFolders(clean, known.folders);
}

function withoutFolders(text: string, folders: Readonly<Record<string, string>>): string {
  const names = byLength(Object.keys(folders).filter((folder) => folder.length > 1));
  return names.reduce((clean, folder) => clean.replaceAll(folder, folders[folder] ?? MARK), text);
}

function byLength(words: readonly string[]): string[] {
  return [...words].sort((one, other) => other.length - one.length);
}
