/** The server's process: started, stopped and restarted one thing at a time, and again after a crash. */
import * as vscode from 'vscode';
import { DidChangeConfigurationNotification, ExecuteCommandRequest, type LanguageClient } from 'vscode-languageclient/node';
import { currentSettings, newClient, type Extras } from './client';
import { CrashLog } from './crashes';
import { findServer } from './discover';
import { oneAtATime } from './serial';
import { isAtLeast, parseVersion, type Version } from './versions';
import type { ServerState } from './words';

const OLDEST: Version = [0, 1, 0];
const MS_PER_S = 1000;

/** One server for the window; wishes are remembered, and carried out in order. */
export class Server implements vscode.Disposable {
  private client: LanguageClient | undefined;
  private isWanted = false;
  private isStale = false;
  private again: NodeJS.Timeout | undefined;
  private readonly crashes = new CrashLog();
  private readonly changed = new vscode.EventEmitter<ServerState>();
  private readonly settle = oneAtATime(() => this.carryOut());
  readonly onChange = this.changed.event;

  constructor(
    private readonly output: vscode.LogOutputChannel,
    private readonly extras: Extras,
  ) {}

  /** The client of the running server; undefined while there is none. */
  get running(): LanguageClient | undefined {
    return this.client?.isRunning() === true ? this.client : undefined;
  }

  /** Start the server; nothing happens when it runs. */
  async start(): Promise<void> {
    this.isWanted = true;
    await this.settle();
  }

  /** Stop the server if it runs, and start it; forgets earlier crashes. */
  async restart(): Promise<void> {
    this.isStale = this.isWanted = true;
    this.crashes.clear();
    await this.settle();
  }

  async stop(): Promise<void> {
    this.isWanted = false;
    await this.settle();
  }

  dispose(): void {
    clearTimeout(this.again);
    this.changed.dispose();
  }

  /** Run one of the server's commands; always with an argument, for a request without parameters is not answered. */
  async execute(command: string, argument: object = {}, token?: vscode.CancellationToken): Promise<unknown> {
    const client = this.running;
    if (client === undefined) throw new Error('the server is not running, start it with "Tierwise: Start server"');
    return await client.sendRequest(ExecuteCommandRequest.type, { command, arguments: [argument] }, token);
  }

  /** Tell the server that settings have changed. */
  async sendSettings(): Promise<void> {
    const settings = { tierwise: currentSettings() };
    await this.running?.sendNotification(DidChangeConfigurationNotification.type, { settings });
  }

  private async carryOut(): Promise<void> {
    clearTimeout(this.again);
    if (this.isStale || !this.isWanted || this.running === undefined) await this.end();
    this.isStale = false;
    if (!this.isWanted) this.changed.fire({ kind: 'stopped' });
    else if (this.client === undefined) await this.begin();
  }

  private async begin(): Promise<void> {
    this.changed.fire({ kind: 'starting' });
    const found = await findServer();
    if ('problem' in found) {
      this.fail(found.problem, found.fix);
      return;
    }
    this.output.info(`starting ${[found.command, ...found.args].join(' ')}`);
    this.client = newClient(found, this.output, this.extras, () => {
      this.ended();
    });
    try {
      await this.client.start();
    } catch (error) {
      this.output.error(error instanceof Error ? error : String(error));
      await this.end();
      this.fail('the server did not start, the log says why');
      return;
    }
    this.changed.fire({ kind: 'running' });
    this.checkVersion(this.client.initializeResult?.serverInfo?.version);
  }

  private async end(): Promise<void> {
    const client = this.client;
    this.client = undefined;
    // A server that does not answer is killed by the client library; there is nothing else to do about it.
    await client?.dispose().catch(() => undefined);
  }

  private ended(): void {
    // One that dies before it greets is dealt with where it is started.
    if (this.running === undefined || !this.isWanted) return;
    const delay = this.crashes.add(Date.now());
    if (delay === null) {
      this.fail('the server ended several times in a short time, it stays off until you restart it');
      return;
    }
    const seconds = Math.round(delay / MS_PER_S);
    this.output.warn(`the server ended by itself, starting it again in ${seconds} s`);
    this.changed.fire({ kind: 'waiting', seconds });
    this.again = setTimeout(() => void this.settle(), delay);
  }

  private fail(words: string, fix?: string): void {
    this.output.error(words);
    this.changed.fire({ kind: 'failed', words, ...(fix === undefined ? {} : { fix }) });
  }

  private checkVersion(written: string | undefined): void {
    const version = parseVersion(written ?? '');
    if (version === null || isAtLeast(version, OLDEST)) return;
    const words = `Tierwise: the server has version '${written ?? ''}', which is too old for this extension`;
    void vscode.window.showWarningMessage(`${words}, run \`pip install --upgrade tierwise\``);
  }
}
