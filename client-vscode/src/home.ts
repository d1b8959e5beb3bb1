/** What makes the extension at home on a machine: its server's environment, keys, the first run, reports of problems. */
import * as vscode from 'vscode';
import { chooseInterpreter, greet, setUp, showWalkthrough, trySample, useEmbedded, useOllama } from './firstRun';
import { deleteKey, setKey } from './keyCommands';
import { Keys } from './keys';
import { Log } from './log';
import { reportProblem } from './problem';
import type { Server } from './server';
import { Provided } from './setup/provide';
import { KEYS } from './wire';
import { isUnknownMethod } from './wireErrors';

/** Made before the server, which needs the log and the environment. */
export class Home implements vscode.Disposable {
  readonly keys: Keys;
  readonly output: Log;
  readonly provided: Provided;

  constructor(private readonly context: vscode.ExtensionContext) {
    this.keys = new Keys(context.secrets);
    this.output = new Log(() => this.keys.secrets);
    this.provided = new Provided(context, this.output);
  }

  /** Commands and listeners, once there is a server to serve; `tellingWhy` shows what goes wrong. */
  moveIn(server: Server, tellingWhy: (work: () => Promise<unknown>) => Promise<void>): vscode.Disposable[] {
    const add = (name: string, work: () => Promise<unknown>): vscode.Disposable =>
      vscode.commands.registerCommand(`tierwise.${name}`, () => tellingWhy(work));
    void greet(this.context.globalState);
    return [
      this.keys.onChange(() => void tellingWhy(() => this.handOver(server))),
      server.onChange(({ kind }) => {
        void vscode.commands.executeCommand('setContext', 'tierwise.isReady', kind === 'running');
        if (kind === 'running') void tellingWhy(() => this.handOver(server));
      }),
      add('setUp', () => setUp(server)),
      add('chooseInterpreter', chooseInterpreter),
      add('setKey', async () => {
        if (await setUp(server)) await setKey(this.keys, server);
      }),
      add('deleteKey', () => deleteKey(this.keys)),
      add('useOllama', () => useOllama(server)),
      add('useEmbedded', () => useEmbedded(server, this.provided)),
      add('trySample', () => trySample(server)),
      add('openWalkthrough', showWalkthrough),
      add('reportProblem', () => reportProblem(this.context, server, this.output, this.keys.secrets)),
    ];
  }

  dispose(): void {
    this.keys.dispose();
    this.output.dispose();
  }

  /** Give the server the keys, over its own pipe; nobody else sees them. */
  private async handOver(server: Server): Promise<void> {
    const keys = await this.keys.forServer();
    try {
      await server.running?.sendRequest(KEYS, keys);
    } catch (error) {
      // One that was installed long ago takes none; the message on its age tells the user what to do.
      if (!isUnknownMethod(error)) throw error;
      this.output.warn('this server takes no keys from the editor, it is too old');
    }
  }
}
