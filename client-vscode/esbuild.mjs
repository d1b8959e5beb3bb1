// Bundles the extension for shipping, with `--tests` the unit tests for Node's own runner, or with `--host` the extension
// that runs tests inside the editor's extension host.
import { copyFileSync, readdirSync, rmSync } from 'node:fs';
import { createVSIX } from '@vscode/vsce';
import { build } from 'esbuild';

const common = { bundle: true, platform: 'node', format: 'cjs', target: 'node20', logLevel: 'warning' };

if (process.argv.includes('--tests')) {
  rmSync('dist-test', { recursive: true, force: true });
  const entryPoints = readdirSync('test').map((name) => `test/${name}`);
  await build({ ...common, entryPoints, outdir: 'dist-test' });
} else if (process.argv.includes('--host')) {
  rmSync('dist-host', { recursive: true, force: true });
  await build({ ...common, entryPoints: ['test-host/main.ts'], outfile: 'dist-host/suite.js', external: ['vscode'] });
  for (const name of ['package.json', '.vscodeignore']) copyFileSync(`test-host/${name}`, `dist-host/${name}`);
  copyFileSync('../LICENSE', 'dist-host/LICENSE');
  const quiet = { dependencies: false, allowMissingRepository: true, allowStarActivation: true };
  await createVSIX({ cwd: 'dist-host', packagePath: 'dist-host/host-tests.vsix', ...quiet });
} else {
  await build({
    ...common,
    // The protocol's client is a file of its own, which is read when a server is started.
    entryPoints: ['src/extension.ts', 'src/client.ts'],
    outdir: 'dist',
    external: ['vscode', './client.js'],
    alias: { minimatch: './src/absent.ts' },
    legalComments: 'none',
    minify: true,
  });
}
