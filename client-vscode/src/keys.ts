/** Keys of model servers, in the editor's secret storage, each with the one server it is for. */
import * as vscode from 'vscode';
import { originOf } from './origins';

const ENTRY = 'tierwise.keys';

/** All keys by origin. They are one entry of the storage, which other windows change too, so it is read each time. */
export class Keys implements vscode.Disposable {
  private known: ReadonlyMap<string, string> = new Map();
  private last: Promise<unknown> = Promise.resolve();
  private readonly changed = new vscode.EventEmitter<void>();
  private readonly listening: vscode.Disposable;
  readonly onChange = this.changed.event;

  constructor(private readonly storage: vscode.SecretStorage) {
    this.listening = storage.onDidChange((change) => {
      if (change.key === ENTRY) void this.read().then(() => { this.changed.fire(); });
    });
  }

  /** Every secret that was read so far, for the log to leave out. */
  get secrets(): readonly string[] {
    return [...this.known.values()];
  }

  /** The keys as the server wants them. */
  async forServer(): Promise<{ keys: { url: string; value: string }[] }> {
    return { keys: [...(await this.read())].map(([url, value]) => ({ url, value })) };
  }

  /** The servers that have a key here. */
  async origins(): Promise<string[]> {
    return [...(await this.read()).keys()].sort();
  }

  /** Keep a key for the server of an address, in place of the one before; rejects for what is no web address. */
  async set(address: string, key: string): Promise<void> {
    const origin = originOf(address);
    if (origin === undefined) throw new Error(`'${address}' is no address of a server, write it like https://api.example`);
    await this.change((keys) => keys.set(origin, key));
  }

  /** Forget the key of a server. */
  async delete(origin: string): Promise<void> {
    await this.change((keys) => keys.delete(origin));
  }

  dispose(): void {
    this.listening.dispose();
    this.changed.dispose();
  }

  private async change(edit: (keys: Map<string, string>) => unknown): Promise<void> {
    const work = this.last.then(async () => {
      const keys = new Map(await this.read());
      edit(keys);
      if (keys.size === 0) await this.storage.delete(ENTRY);
      else await this.storage.store(ENTRY, JSON.stringify(Object.fromEntries(keys)));
    });
    this.last = work.catch(() => undefined);
    await work;
  }

  private async read(): Promise<ReadonlyMap<string, string>> {
    const stored = await this.storage.get(ENTRY);
    this.known = parsed(stored);
    return this.known;
  }
}

function parsed(stored: string | undefined): Map<string, string> {
  try {
    const tree: unknown = JSON.parse(stored ?? '{}');
    if (typeof tree !== 'object' || tree === null) return new Map();
    return new Map(Object.entries(tree).filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
  } catch {
    // An entry nobody can read holds no keys; the next key that is set replaces it.
    return new Map();
  }
}
