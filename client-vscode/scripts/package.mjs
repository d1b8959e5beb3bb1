// Packs the extension as `tierwise-VERSION.vsix`: the server's wheel, its schema and the repository's licence inside.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createVSIX } from '@vscode/vsce';

const LARGEST_BUNDLE = 500_000;
const BUNDLE = ['dist/extension.js', 'dist/client.js'];

const root = path.dirname(import.meta.dirname);
process.chdir(root);
const { name, version } = JSON.parse(readFileSync('package.json', 'utf8'));
const own = path.resolve('../.venv', process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');
const python = process.env.TIERWISE_PYTHON ?? (existsSync(own) ? own : 'python3');

/** Build the wheel into `dist/server`, with a note of what it is. */
function packServer() {
  const folder = 'dist/server';
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  // The builder is one of the development tools, so that nothing is fetched for it.
  const args = ['-m', 'pip', 'wheel', '--quiet', '--disable-pip-version-check', '--no-deps', '--no-build-isolation', '--wheel-dir', folder, '..'];
  // Files in a wheel get the time of day otherwise, and the same server would be set up anew.
  execFileSync(python, args, { stdio: 'inherit', env: { ...process.env, SOURCE_DATE_EPOCH: '1700000000' } });
  const [wheel] = readdirSync(folder).filter((file) => file.endsWith('.whl'));
  const sha256 = createHash('sha256').update(readFileSync(path.join(folder, wheel))).digest('hex');
  const server = /^tierwise-([^-]+)-/.exec(wheel)?.[1];
  if (server !== version) throw new Error(`the server is ${server} and the extension ${version}, they go together`);
  writeFileSync(path.join(folder, 'bundle.json'), `${JSON.stringify({ wheel, version, sha256 })}\n`);
}

packServer();
mkdirSync('schemas', { recursive: true });
copyFileSync('../schemas/config.schema.json', 'schemas/config.schema.json');
copyFileSync('../LICENSE', 'LICENSE');
try {
  await createVSIX({ dependencies: false, allowMissingRepository: true, packagePath: `${name}-${version}.vsix` });
} finally {
  rmSync('LICENSE');
  rmSync('schemas', { recursive: true });
}
const size = BUNDLE.reduce((sum, file) => sum + statSync(file).size, 0);
if (size > LARGEST_BUNDLE) throw new Error(`${BUNDLE.join(' and ')} have ${size} bytes, more than ${LARGEST_BUNDLE}`);
