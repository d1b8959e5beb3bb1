/** The first run: a walkthrough that is shown once, and the commands behind its steps. */
import * as vscode from 'vscode';
import type { Server } from './server';
import type { Provided } from './setup/provide';
import { mustBeTrusted } from './trust';
import { DOCTOR, type Diagnosis } from './wire';

const WALKTHROUGH = 'tierwise.tierwise#start';
const SHOWN = 'walkthrough.shown';
/** The walkthrough's own title, which its tab bears in every language of the editor. */
const TITLE = 'Get started with Tierwise';
const SAMPLE = `"""A file to try Tierwise on. It is not saved anywhere unless you save it."""


def parse_size(text):
    units = {"k": 1024, "m": 1024**2, "g": 1024**3}
    text = text.strip().lower()
    if text and text[-1] in units:
        return int(float(text[:-1]) * units[text[-1]])
    return int(text)


def longest(words):
    best = ""
    for word in words:
        if len(word) > len(best):
            best = word
    return best
`;
const LOCAL_MODEL = 'ollama/';

/** Show the walkthrough, the first time the extension is used on this machine. */
export async function greet(memory: vscode.Memento): Promise<void> {
  const isWanted = vscode.workspace.getConfiguration('workbench.welcomePage.walkthroughs').get<boolean>('openOnInstall', true);
  if (!isWanted || memory.get<boolean>(SHOWN) === true) return;
  await memory.update(SHOWN, true);
  const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
  // A file that has just been opened is known before its tab is.
  const files = vscode.workspace.textDocuments.filter(({ uri }) => uri.scheme === 'file' || uri.scheme === 'untitled');
  if (tabs.length === 0 && files.length === 0) {
    await showWalkthrough();
    return;
  }
  // The editor shows it by itself when the extension was installed from its own view.
  if (tabs.some(({ label }) => label.includes(TITLE))) return;
  // It would take the place of what the user looks at.
  const [words, start] = ['Tierwise is installed: set up its server and choose where models run', 'Getting started'];
  if ((await vscode.window.showInformationMessage(words, start)) === start) await showWalkthrough();
}

export async function showWalkthrough(): Promise<void> {
  await vscode.commands.executeCommand('workbench.action.openWalkthrough', WALKTHROUGH, false);
}

/** Start the server, setting it up where that is still to be done, and wait until it is there. */
export async function setUp(server: Server): Promise<boolean> {
  mustBeTrusted();
  // What is under way is waited for: begun anew, it would fetch everything again.
  if (server.running === undefined) await (server.isStarting ? server.begun() : server.restart());
  if (server.running === undefined) return false;
  void vscode.window.setStatusBarMessage('Tierwise: the server runs', 5_000);
  return true;
}

/** Let the user name the Python that has the server. */
export async function chooseInterpreter(): Promise<void> {
  const chosen = await vscode.window.showInputBox({
    title: 'Tierwise: Choose a Python',
    prompt: 'Path of a Python 3.11 or newer that has the package `tierwise`; empty to let the extension set one up',
    value: vscode.workspace.getConfiguration('tierwise.server').get<string>('interpreter', ''),
    ignoreFocusOut: true,
  });
  if (chosen === undefined) return;
  const settings = vscode.workspace.getConfiguration('tierwise.server');
  await settings.update('interpreter', chosen.trim() === '' ? undefined : chosen.trim(), vscode.ConfigurationTarget.Global);
}

/** Say whether Ollama is there with a model of the local tier, and how to bring it if not. */
export async function useOllama(server: Server): Promise<void> {
  if (!(await setUp(server))) return;
  const { tiers } = (await server.execute(DOCTOR)) as Diagnosis;
  const model = Object.values(tiers)
    .flatMap(({ models }) => models)
    .find(({ ref }) => ref.startsWith(LOCAL_MODEL));
  if (model === undefined) throw new Error('no tier names a model of Ollama, add one to `tierwise.tiers.local.models`');
  if (model.availability === 'ready') {
    void vscode.window.showInformationMessage(`Tierwise: Ollama is there with '${model.ref.slice(LOCAL_MODEL.length)}'`);
    return;
  }
  const [type, site] = ['Type it into a terminal', 'Get Ollama'];
  const fix = model.fix ?? '';
  const words = `Tierwise: ${model.words || 'Ollama does not answer'}${fix === '' ? '' : `, run \`${fix}\``}`;
  const chosen = await vscode.window.showWarningMessage(words, ...(fix === '' ? [] : [type]), site);
  if (chosen === type) typeInTerminal(fix);
  else if (chosen === site) await vscode.env.openExternal(vscode.Uri.parse('https://ollama.com/download'));
}

/** Install what runs a small model without Ollama and without a key. */
export async function useEmbedded(server: Server, provided: Provided): Promise<void> {
  if (!(await setUp(server))) return;
  const { program } = server;
  if (program === undefined || !provided.owns(program)) {
    const fix = `${program === undefined ? 'python3' : `"${program}"`} -m pip install "tierwise[embedded]"`;
    const copy = 'Copy the command';
    const words = `Tierwise: this server runs in an environment of yours, run \`${fix}\` there`;
    if ((await vscode.window.showInformationMessage(words, copy)) === copy) await vscode.env.clipboard.writeText(fix);
    return;
  }
  const made = await provided.add('embedded', new AbortController().signal);
  if (typeof made !== 'string') {
    if (made.kind === 'cancelled') return;
    throw new Error(made.words);
  }
  await server.restart();
  const words = 'Tierwise: the embedded model is ready, the first action on the local tier fetches it (about 1.1 GB)';
  void vscode.window.showInformationMessage(words);
}

/** Open a sample and the menu of actions on one of its functions. */
export async function trySample(server: Server): Promise<void> {
  const document = await vscode.workspace.openTextDocument({ language: 'python', content: SAMPLE });
  const editor = await vscode.window.showTextDocument(document, { preview: false });
  const at = document.positionAt(SAMPLE.indexOf('parse_size'));
  editor.selection = new vscode.Selection(at, at);
  if (!(await setUp(server))) return;
  // A server that was set up meanwhile took its time, and the user may look at something else by now.
  await vscode.window.showTextDocument(document, { preview: false, selection: editor.selection });
  await vscode.commands.executeCommand('editor.action.quickFix');
}

/** The command stands there for the user to read; only they press Enter. */
function typeInTerminal(command: string): void {
  const terminal = vscode.window.createTerminal('Tierwise');
  terminal.show();
  terminal.sendText(command, false);
}
