/** The user's settings as the server wants them: the shape of its configuration file, and nothing that is not set. */
import { actionId } from './wire';

export type Tree = Record<string, unknown>;

/** Sections below `tierwise` that are the extension's own and never sent. */
const OWN_SECTIONS = new Set(['server', 'trace', 'client']);

/** Settings as VS Code hands them out become what goes to the server; `null` and `{}` mean "not set". */
export function composeSettings(raw: Tree): Tree {
  const settings = withoutNulls(Object.fromEntries(Object.entries(raw).filter(([name]) => !OWN_SECTIONS.has(name))));
  const off = switchedOff(raw);
  if (off.length === 0) return settings;
  const actions = { ...treeAt(settings, 'actions') };
  for (const id of off) actions[id] = { ...treeAt(actions, id), enabled: false };
  return { ...settings, actions };
}

function switchedOff(raw: Tree): string[] {
  const switches = Object.entries(treeAt(treeAt(raw, 'client'), 'enable'));
  return switches.filter(([, isOn]) => isOn === false).map(([name]) => actionId(name));
}

function treeAt(tree: Tree, name: string): Tree {
  const found = tree[name];
  return isTree(found) ? found : {};
}

function withoutNulls(tree: Tree): Tree {
  const kept: Tree = {};
  for (const [name, value] of Object.entries(tree)) {
    const plain = isTree(value) ? withoutNulls(value) : value;
    const isUnset = plain === null || plain === undefined || (isTree(plain) && Object.keys(plain).length === 0);
    if (!isUnset) kept[name] = plain;
  }
  return kept;
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
