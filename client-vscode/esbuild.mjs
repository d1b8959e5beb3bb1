// Bundles the extension for shipping, or with `--tests` the unit tests for Node's own runner.
import { readdirSync, rmSync } from 'node:fs';
import { build } from 'esbuild';

const common = { bundle: true, platform: 'node', format: 'cjs', target: 'node20', logLevel: 'warning' };

if (process.argv.includes('--tests')) {
  rmSync('dist-test', { recursive: true, force: true });
  const entryPoints = readdirSync('test').map((name) => `test/${name}`);
  await build({ ...common, entryPoints, outdir: 'dist-test' });
} else {
  await build({ ...common, entryPoints: ['src/extension.ts'], outfile: 'dist/extension.js', external: ['vscode'], minify: true });
}
