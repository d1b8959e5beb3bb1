/** The server's process: started, stopped and restarted one thing at a time, and again after a crash. */
import * as vscode from 'vscode';
import type { LanguageClient } from 'vscode-languageclient/node';
import type { Extras } from './client';
import { CrashLog } from './crashes';
import type { Found } from './discover';
import { oneAtATime } from './serial';
import { currentSettings } from './settingsNow';
import { NotTrusted } from './trust';
import { isAtLeast, parseVersion, type Version } from './versions';
import type { FailedState, ServerState } from './words';

const OLDEST: Version = [0, 1, 0];
const MS_PER_S = 1000;
/** A server greets within a second or two; on a machine that is very busy it takes ten times as long. */
const GREETING_MS = 60_000;

/** One server for the window; wishes are remembered, and carried out in order, but none before the window is trusted. */
export class Server implements vscode.Disposable {
  private client: LanguageClient | undefined;
  private isWanted = false;
  private isStale = false;
  private beginning: Promise<void> | undefined;
  private again: NodeJS.Timeout | undefined;
  private locating = new AbortController();
  private found: string | undefined;
  private readonly crashes = new CrashLog();
  private readonly changed = new vscode.EventEmitter<ServerState>();
  private readonly settle = oneAtATime(() => this.carryOut());
  readonly onChange = this.changed.event;

  constructor(
    private readonly output: vscode.LogOutputChannel,
    private readonly locate: (signal: AbortSignal) => Promise<Found>,
    private readonly extras: Extras,
  ) {}

  /** The client of the running server; undefined while there is none. */
  get running(): LanguageClient | undefined {
    return this.client?.isRunning() === true ? this.client : undefined;
  }

  /** Whether one is looked for, set up or started now. */
  get isStarting(): boolean {
    return this.beginning !== undefined;
  }

  /** Wait until what is under way has come to an end, good or bad. */
  async begun(): Promise<void> {
    await this.beginning;
  }

  /** The program of the last server that was started. */
  get program(): string | undefined {
    return this.found;
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
    this.locating.abort();
    await this.settle();
  }

  async stop(): Promise<void> {
    this.isWanted = false;
    this.locating.abort();
    await this.settle();
  }

  dispose(): void {
    clearTimeout(this.again);
    this.changed.dispose();
  }

  /** Run one of the server's commands; always with an argument, for a request without parameters is not answered. */
  async execute(command: string, argument: object = {}, token?: vscode.CancellationToken): Promise<unknown> {
    // A window that has just been opened is asked before its server is there.
    if (this.running === undefined) await this.begun();
    const client = this.running;
    if (client === undefined && !vscode.workspace.isTrusted) throw new NotTrusted();
    if (client === undefined) throw new Error('the server is not running, start it with "Tierwise: Start server"');
    const rest = token === undefined ? [] : [token];
    return await client.sendRequest('workspace/executeCommand', { command, arguments: [argument] }, ...rest);
  }

  /** Tell the server that settings have changed. */
  async sendSettings(): Promise<void> {
    const settings = { tierwise: currentSettings() };
    await this.running?.sendNotification('workspace/didChangeConfiguration', { settings });
  }

  private async carryOut(): Promise<void> {
    clearTimeout(this.again);
    // Wishes are read before anything is waited for: what is wished from here on stops this and comes next.
    const { isStale } = this;
    this.isStale = false;
    this.locating = new AbortController();
    if (isStale || !this.isWanted || this.running === undefined) await this.end();
    // The one gate before every process of ours: what looks for a server, sets one up or talks to one comes after it.
    if (!vscode.workspace.isTrusted) this.changed.fire({ kind: 'restricted' });
    else if (!this.isWanted) this.changed.fire({ kind: 'stopped' });
    else if (this.client === undefined) {
      this.beginning = this.begin().finally(() => {
        this.beginning = undefined;
      });
      await this.beginning;
    }
  }

  private async begin(): Promise<void> {
    this.changed.fire({ kind: 'starting' });
    const { signal } = this.locating;
    // Loaded beside the search for the server: it is most of the bundle, and nobody who opens a window waits for it.
    const looking = Promise.all([this.locate(signal), import('./client.js')]);
    const sought = await looking.catch((error: unknown) => {
      this.output.error(error instanceof Error ? error : String(error));
      return undefined;
    });
    // What was wished for meanwhile comes next.
    const isOver = (): boolean => signal.aborted;
    if (isOver()) return;
    if (sought === undefined) {
      this.fail({ words: 'the server could not be looked for, the log says why; install the extension again if it stays so' });
      return;
    }
    const [found, { newClient }] = sought;
    if ('problem' in found) {
      this.fail({ words: found.problem, ...found });
      return;
    }
    this.found = found.command;
    this.output.info(`starting ${[found.command, ...found.args].join(' ')}`);
    const client = newClient(found, this.output, this.extras, () => {
      this.ended();
    });
    this.client = client;
    try {
      await inTime(client, signal);
    } catch (error) {
      this.output.error(error instanceof Error ? error : String(error));
      await this.end();
      if (!isOver()) this.fail({ words: 'the server did not start, the log says why' });
      return;
    }
    this.changed.fire({ kind: 'running' });
    this.checkVersion(client.initializeResult?.serverInfo?.version);
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
    const delay = this.crashes.add(performance.now());
    if (delay === null) {
      this.fail({ words: 'the server ended several times in a short time, it stays off until you restart it' });
      return;
    }
    const seconds = Math.round(delay / MS_PER_S);
    this.output.warn(`the server ended by itself, starting it again in ${seconds} s`);
    this.changed.fire({ kind: 'waiting', seconds });
    this.again = setTimeout(() => void this.settle(), delay);
  }

  private fail({ words, fix, setup }: Omit<FailedState, 'kind'>): void {
    this.output.error(words);
    const more = { ...(fix === undefined ? {} : { fix }), ...(setup === undefined ? {} : { setup }) };
    this.changed.fire({ kind: 'failed', words, ...more });
  }

  private checkVersion(written: string | undefined): void {
    const version = parseVersion(written ?? '');
    if (version === null || isAtLeast(version, OLDEST)) return;
    const words = `Tierwise: the server has version '${written ?? ''}', which is too old for this extension`;
    void vscode.window.showWarningMessage(`${words}, run \`pip install --upgrade tierwise\``);
  }
}

/** Start a client; a server that does not greet, or is not wished for any more, is killed, for it cannot be asked to go. */
async function inTime(client: LanguageClient, signal: AbortSignal): Promise<void> {
  const kill = (): void => {
    client.serverProcess?.kill('SIGKILL');
  };
  const timer = setTimeout(kill, GREETING_MS);
  signal.addEventListener('abort', kill);
  try {
    await client.start();
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', kill);
  }
}
