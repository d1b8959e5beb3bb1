// Packs the extension as `tierwise-VERSION.vsix`, with the repository's licence beside it.
import { copyFileSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { createVSIX } from '@vscode/vsce';

const root = path.dirname(import.meta.dirname);
process.chdir(root);
const { name, version } = JSON.parse(readFileSync('package.json', 'utf8'));
copyFileSync('../LICENSE', 'LICENSE');
try {
  await createVSIX({ dependencies: false, allowMissingRepository: true, packagePath: `${name}-${version}.vsix` });
} finally {
  rmSync('LICENSE');
}
