/** Finds the server: the settings, the Python extension's interpreter, PATH, else an environment of the extension's own. */
import { execFile } from 'node:child_process';
import os from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import type { FailureKind } from './setup/failures';
import type { Provided } from './setup/provide';
import { findProgram, isExecutable } from './setup/pythons';

/** A program to start, or the sentence that says why there is none. */
export type Found = { command: string; args: string[] } | { problem: string; fix?: string; setup?: FailureKind };

const PROBE_TIMEOUT_MS = 15_000;
// `-P` keeps the working directory out of the module path: a folder named `tierwise` there must not run.
const MODULE = ['-P', '-m', 'tierwise', 'serve', '--stdio'];
const INSTALL = 'pip install tierwise';

/** Look in every place; called in trusted windows only. */
export async function findServer(provided: Provided, signal: AbortSignal): Promise<Found> {
  const settings = vscode.workspace.getConfiguration('tierwise.server');
  const command = expand(settings.get<string>('path', ''));
  if (command !== '') return await fromCommand(command);
  const interpreter = expand(settings.get<string>('interpreter', ''));
  if (interpreter !== '') return await fromInterpreter(interpreter);
  const selected = await selectedInterpreter();
  if (selected !== undefined && (await hasPackage(selected))) return { command: selected, args: MODULE };
  const onPath = await findOnPath();
  if (onPath !== undefined) return { command: onPath, args: ['serve', '--stdio'] };
  const made = await provided.provide(selected === undefined ? [] : [selected], signal);
  if (typeof made === 'string') return { command: made, args: MODULE };
  return { problem: made.words, setup: made.kind, ...(made.fix === undefined ? {} : { fix: made.fix }) };
}

async function fromCommand(command: string): Promise<Found> {
  if (path.isAbsolute(command) && (await isExecutable(command))) return { command, args: ['serve', '--stdio'] };
  return { problem: noProgram('tierwise.server.path', command) };
}

async function fromInterpreter(interpreter: string): Promise<Found> {
  if (!path.isAbsolute(interpreter) || !(await isExecutable(interpreter))) {
    return { problem: noProgram('tierwise.server.interpreter', interpreter) };
  }
  if (await hasPackage(interpreter)) return { command: interpreter, args: MODULE };
  const fix = `"${interpreter}" -m ${INSTALL}`;
  return { problem: `'${interpreter}' has no package \`tierwise\` or is older than Python 3.11, run \`${fix}\``, fix };
}

function noProgram(setting: string, file: string): string {
  return `the setting \`${setting}\` names '${file}', which is no program, correct it or leave it empty`;
}

/** Whether a Python of the right age has our package; asks it without importing anything of ours. */
function hasPackage(interpreter: string): Promise<boolean> {
  const question = "import importlib.util as u, sys; sys.exit(u.find_spec('tierwise') is None)";
  const options = { timeout: PROBE_TIMEOUT_MS, cwd: os.homedir() };
  return new Promise((answer) => {
    execFile(interpreter, ['-P', '-c', question], options, (error) => {
      answer(error === null);
    });
  });
}

/** The part of the Python extension's interface that is used here. */
interface PythonExtension {
  environments?: {
    getActiveEnvironmentPath(resource?: vscode.Uri): { path: string };
    resolveEnvironment(of: { path: string }): Promise<{ executable: { uri?: vscode.Uri } } | undefined>;
  };
}

async function selectedInterpreter(): Promise<string | undefined> {
  const extension = vscode.extensions.getExtension<PythonExtension>('ms-python.python');
  if (extension === undefined) return undefined;
  try {
    const { environments } = await extension.activate();
    const active = environments?.getActiveEnvironmentPath(vscode.workspace.workspaceFolders?.[0]?.uri);
    const resolved = active === undefined ? undefined : await environments?.resolveEnvironment(active);
    return resolved?.executable.uri?.fsPath;
  } catch {
    // A Python extension that fails to start is its own problem; PATH comes next.
    return undefined;
  }
}

async function findOnPath(): Promise<string | undefined> {
  const names = process.platform === 'win32' ? ['tierwise.exe', 'tierwise.cmd'] : ['tierwise'];
  const found = await Promise.all(names.map((name) => findProgram(name, process.env)));
  return found.find((file) => file !== undefined);
}

function expand(written: string): string {
  const trimmed = written.trim();
  return /^~[/\\]/.test(trimmed) ? path.join(os.homedir(), trimmed.slice(2)) : trimmed;
}
