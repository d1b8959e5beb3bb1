/** The commands that set and delete keys. */
import * as vscode from 'vscode';
import type { Keys } from './keys';
import { originOf, shownOrigin } from './origins';
import type { Server } from './server';
import { BACKENDS, type BackendState, type Backends } from './wire';

const SPACED = /\s|[^\x21-\x7e]/;

interface Item extends vscode.QuickPickItem {
  origin: string;
  backend?: BackendState;
}

/** Ask which server, then for its key; the key goes to the secret storage and nowhere else. */
export async function setKey(keys: Keys, server: Server): Promise<boolean> {
  const { backends } = (await server.execute(BACKENDS)) as Backends;
  const kept = new Set(await keys.origins());
  const items = backends.filter(takesKey).map((backend) => itemOf(backend, kept.has(backend.origin)));
  const options: vscode.QuickPickOptions = {
    title: 'Tierwise: Set API key',
    placeHolder: 'Which server is the key for?',
    matchOnDescription: true,
    matchOnDetail: true,
    // The key is often fetched from another window meanwhile, and the walkthrough takes the focus when a step is done.
    ignoreFocusOut: true,
  };
  const chosen = await vscode.window.showQuickPick(items, options);
  if (chosen === undefined) return false;
  if (chosen.backend?.isEncrypted === false) {
    throw new Error(`a key must not travel unencrypted to ${shownOrigin(chosen.origin)}, write its address with https`);
  }
  const value = await vscode.window.showInputBox({
    title: `Tierwise: API key for ${chosen.label}`,
    prompt: `Kept in the editor's secret storage and sent to ${shownOrigin(chosen.origin)} only`,
    password: true,
    ignoreFocusOut: true,
    validateInput: complaint,
  });
  const key = value?.trim() ?? '';
  if (key === '') return false;
  await keys.set(chosen.origin, key);
  void vscode.window.setStatusBarMessage(`Tierwise: the key for ${chosen.label} is kept`, 5_000);
  return true;
}

/** A key that has lost its head or tail in copying is found out here rather than by the server. */
function complaint(typed: string): string | undefined {
  return SPACED.test(typed.trim()) ? 'A key has no blanks and no other signs than letters, digits and punctuation' : undefined;
}

function takesKey(backend: BackendState): boolean {
  return backend.needsKey || !/^https?:\/\/(127\.|localhost|\[::1\])/.test(backend.origin) || backend.source !== null;
}

function itemOf(backend: BackendState, isKept: boolean): Item {
  const state = isKept ? 'has a key, to be replaced' : backend.source === null ? 'has no key' : `has a key from ${backend.source}`;
  return { label: backend.name, description: shownOrigin(backend.origin), detail: [state, ...backend.models].join(' · '), origin: backend.origin, backend };
}

/** Ask which key goes; works without a server. */
export async function deleteKey(keys: Keys): Promise<void> {
  const origins = await keys.origins();
  if (origins.length === 0) throw new Error('there is no key in the secret storage');
  const items: Item[] = origins.map((origin) => ({ label: shownOrigin(origin), origin }));
  const chosen = await vscode.window.showQuickPick(items, { title: 'Tierwise: Delete API key', placeHolder: 'Which key goes?' });
  if (chosen === undefined || originOf(chosen.origin) === undefined) return;
  await keys.delete(chosen.origin);
  void vscode.window.setStatusBarMessage(`Tierwise: the key for ${chosen.label} is deleted`, 5_000);
}
