/** What went wrong while the server was being set up, and the sentence that says what to do about it. */

/** Anything but `broken` is recognized by what the tools are known to print. */
export type FailureKind =
  | 'no-python'
  | 'too-old'
  | 'no-venv'
  | 'proxy'
  | 'certificate'
  | 'no-network'
  | 'disk-full'
  | 'permission'
  | 'no-package'
  | 'cancelled'
  | 'broken';

/** A failure in words; `fix` is a command the user may copy. */
export interface Failure {
  kind: FailureKind;
  words: string;
  fix?: string;
}

export class SetupError extends Error {
  constructor(readonly failure: Failure) {
    super(failure.words);
  }
}

const AGAIN = 'then run "Tierwise: Set up the server"';

/** In the order they are looked for: a proxy that refuses also looks like a network that is not there. */
const SIGNS: readonly (readonly [FailureKind, RegExp])[] = [
  ['disk-full', /no space left on device|\bENOSPC\b|errno 28\b|disk quota exceeded|\bEDQUOT\b|not enough space on the disk/i],
  ['no-venv', /ensurepip is not available|no module named ['"]?(?:venv|ensurepip|pip)\b/i],
  ['proxy', /proxyerror|cannot connect to proxy|proxy authentication|\b407\b.*proxy|tunnel connection failed|unsuccessful tunnel|tunnel error|proxy authorization required/i],
  ['certificate', /certificate_verify_failed|certificate verify failed|invalid peer certificate|self[- ]signed certificate/i],
  [
    'no-network',
    /temporary failure in name resolution|failed to establish a new connection|name or service not known|getaddrinfo|dns error|network is unreachable|connection (?:refused|reset|timed out)|read timed out|connecttimeout|error sending request|error trying to connect|failed to fetch|too many \d+ error responses|\b5\d\d server error|http status server error|network connectivity is disabled|the network (?:was|is) disabled/i,
  ],
  ['permission', /permission denied|\bEACCES\b|\bEPERM\b|\bEROFS\b|errno (?:13|30)\b|read-only file system|access is denied/i],
  [
    'no-package',
    /no matching distribution found|could not find a version|no solution found|has no usable wheels|no wheels with a matching/i,
  ],
];

/** Which failure a tool's output speaks of. */
export function kindOf(output: string): FailureKind {
  return SIGNS.find(([, sign]) => sign.test(output))?.[0] ?? 'broken';
}

/** What was being done when a tool failed. */
export interface Scene {
  /** Where the environment is made. */
  folder: string;
  /** The Python it is made with; undefined where the tool chooses one itself. */
  python?: { path: string; version: string } | undefined;
}

/** The failure of a tool that printed this. */
export function failureOf(output: string, scene: Scene): Failure {
  const kind = kindOf(output);
  const python = scene.python === undefined ? 'this Python' : `Python ${scene.python.version} ('${scene.python.path}')`;
  switch (kind) {
    case 'disk-full':
      return { kind, words: `the disk that holds '${scene.folder}' is full, free some 300 MB, ${AGAIN}` };
    case 'no-venv':
      return noVenv(scene.python);
    case 'proxy':
      return { kind, words: `the proxy let no package through, check the setting \`http.proxy\` or HTTPS_PROXY, ${AGAIN}` };
    case 'certificate':
      return { kind, words: `the package index shows a certificate nobody here knows, name yours in SSL_CERT_FILE, ${AGAIN}` };
    case 'no-network':
      return { kind, words: `the packages the server needs could not be fetched, check the network or set \`http.proxy\`, ${AGAIN}` };
    case 'permission':
      return { kind, words: `'${scene.folder}' cannot be written, make its folder yours, ${AGAIN}` };
    case 'no-package':
      return { kind, words: `${packageIn(output)} is not to be had for ${python}, name another one in \`tierwise.server.interpreter\`` };
    default:
      return { kind: 'broken', words: `setting up the server failed, the log says why: ${lastLine(output)}` };
  }
}

/** The failure of having no Python at all. */
export function noPython(): Failure {
  const words = `there is no Python here, install Python 3.11 or newer or \`uv\` where your files are, ${AGAIN}`;
  return { kind: 'no-python', words };
}

/** The failure of having only Pythons that are too old; the newest of them is named. */
export function tooOld(python: { path: string; version: string }): Failure {
  const words =
    `Python ${python.version} ('${python.path}') is the newest here and Tierwise needs 3.11, install a newer one or \`uv\`, ` +
    'or name one in `tierwise.server.interpreter`';
  return { kind: 'too-old', words };
}

/** The failure of a Python that makes no environments, as Debian's does until a package is added. */
export function noVenv(python: { path: string; version: string } | undefined): Failure {
  const [major, minor] = (python?.version ?? '3.11').split('.');
  const fix = `sudo apt install python${major ?? '3'}.${minor ?? '11'}-venv`;
  const which = python === undefined ? 'this Python' : `Python ${python.version} ('${python.path}')`;
  return { kind: 'no-venv', words: `${which} makes no environments, on Debian and Ubuntu run \`${fix}\`, ${AGAIN}`, fix };
}

export const CANCELLED: Failure = {
  kind: 'cancelled',
  words: 'setting up was cancelled, run "Tierwise: Set up the server" when it suits you',
};

/** The failure an exception of the system stands for. */
export function failureOfError(error: unknown, scene: Scene): Failure {
  if (error instanceof SetupError) return error.failure;
  if (error instanceof Error && error.name === 'AbortError') return CANCELLED;
  return failureOf(error instanceof Error ? `${errorCode(error)} ${error.message}` : String(error), scene);
}

function errorCode(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : '';
}

function packageIn(output: string): string {
  const found = /no matching distribution found for ([\w.[\]-]+)/i.exec(output) ?? /because ([\w.-]+) (?:was not found|has no)/i.exec(output);
  return found?.[1] === undefined ? 'a package the server needs' : `'${found[1]}'`;
}

const LONGEST = 160;

function lastLine(output: string): string {
  const lines = output.split('\n').map((line) => line.trim());
  return (lines.findLast((line) => line !== '') ?? 'it said nothing').slice(0, LONGEST);
}
