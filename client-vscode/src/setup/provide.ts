/** Setting up as the user sees it: one notification that can be cancelled. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { existing, make, type Bundle, type Site } from './environment';
import { SetupError, type Failure } from './failures';

const EXTRAS = 'setup.extras';

/** The environment of the extension's own. */
export class Provided {
  constructor(
    private readonly context: vscode.ExtensionContext,
    private readonly output: vscode.LogOutputChannel,
  ) {}

  /** The interpreter of the environment, made now where it is not there yet; else why there is none. */
  async provide(preferred: readonly string[], signal: AbortSignal): Promise<string | Failure> {
    const site = await this.site(preferred);
    const ready = await existing(site);
    if (ready !== undefined) return ready;
    return await this.makeShown(site, signal, 'setting up the server');
  }

  /** Add a part of the package, such as `embedded`; the interpreter, or why it could not be added. */
  async add(extra: string, signal: AbortSignal): Promise<string | Failure> {
    const before = this.extras;
    const site = { ...(await this.site([])), extras: [...new Set([...before, extra])] };
    const made = await this.makeShown(site, signal, `installing what '${extra}' needs`);
    // Remembered for the environments of later versions, and only once it is known to work.
    if (typeof made === 'string') await this.context.globalState.update(EXTRAS, site.extras);
    return made;
  }

  /** Whether an interpreter is the environment's. */
  owns(interpreter: string): boolean {
    return interpreter.startsWith(this.context.globalStorageUri.fsPath + path.sep);
  }

  private get extras(): string[] {
    return this.context.globalState.get<string[]>(EXTRAS, []);
  }

  private async site(preferred: readonly string[]): Promise<Site> {
    const wheels = this.context.asAbsolutePath('dist/server');
    const bundle = JSON.parse(await readFile(path.join(wheels, 'bundle.json'), 'utf8')) as Bundle;
    const proxy = vscode.workspace.getConfiguration('http').get<string>('proxy') ?? '';
    return { root: this.context.globalStorageUri.fsPath, wheels, bundle, preferred, extras: this.extras, env: process.env, proxy };
  }

  private async makeShown(site: Site, signal: AbortSignal, what: string): Promise<string | Failure> {
    const options = { location: vscode.ProgressLocation.Notification, title: `Tierwise: ${what}`, cancellable: true };
    return await vscode.window.withProgress(options, async (progress, token) => {
      const stopping = new AbortController();
      token.onCancellationRequested(() => {
        stopping.abort();
      });
      try {
        return await make(site, {
          signal: AbortSignal.any([signal, stopping.signal]),
          report: (message) => {
            progress.report({ message });
          },
          log: (line) => {
            this.output.info(line);
          },
        });
      } catch (error) {
        if (error instanceof SetupError) return error.failure;
        throw error;
      }
    });
  }
}
