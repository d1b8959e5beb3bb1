/** *Report a problem*: what somebody who wants to help has to know, in a document that is sent to nobody. */
import os from 'node:os';
import * as vscode from 'vscode';
import type { Log } from './log';
import { redact } from './redaction';
import { doctorPage } from './reports';
import type { Server } from './server';
import { DOCTOR, type Diagnosis } from './wire';

const LOG_LINES = 300;

/** Open the report as a new document. */
export async function reportProblem(
  context: vscode.ExtensionContext,
  server: Server,
  log: Log,
  secrets: readonly string[],
): Promise<void> {
  const parts = [
    '# Problem with Tierwise',
    'Nothing has been sent. Read it, say below what you did and what came of it, and paste it where you report it.',
    '## What happened',
    '',
    '## Versions',
    versions(context, server),
    '## Settings that are not at their defaults',
    changedSettings(context.extension),
    await diagnosis(server),
    '## Log',
    ['```text', ...log.remembered.slice(-LOG_LINES), '```'].join('\n'),
  ];
  const content = redact(`${parts.join('\n\n')}\n`, { secrets, folders: folders() });
  const document = await vscode.workspace.openTextDocument({ language: 'markdown', content });
  await vscode.window.showTextDocument(document);
}

function versions(context: vscode.ExtensionContext, server: Server): string {
  const { version } = context.extension.packageJSON as { version: string };
  const rows = {
    Extension: version,
    Server: server.running?.initializeResult?.serverInfo?.version ?? 'not running',
    Editor: `${vscode.env.appName} ${vscode.version}`,
    Remote: vscode.env.remoteName ?? 'none',
    System: `${os.type()} ${os.release()} ${os.arch()}`,
    Trusted: vscode.workspace.isTrusted ? 'yes' : 'no',
    Folders: String(vscode.workspace.workspaceFolders?.length ?? 0),
  };
  return Object.entries(rows)
    .map(([name, value]) => `- ${name}: ${value}`)
    .join('\n');
}

/** Names only: values are addresses and folders, which are the user's to tell. */
function changedSettings({ packageJSON }: vscode.Extension<unknown>): string {
  const { contributes } = packageJSON as {
    contributes: { configuration: { properties?: object }[] };
  };
  const names = contributes.configuration.flatMap(({ properties }) => Object.keys(properties ?? {}));
  const changed = names.filter((name) => {
    const found = vscode.workspace.getConfiguration().inspect(name);
    return found?.globalValue !== undefined || found?.workspaceValue !== undefined || found?.workspaceFolderValue !== undefined;
  });
  return changed.length === 0 ? 'none' : changed.map((name) => `- \`${name}\``).join('\n');
}

async function diagnosis(server: Server): Promise<string> {
  if (server.running === undefined) return '## Doctor\n\nThe server is not running.';
  try {
    return doctorPage((await server.execute(DOCTOR)) as Diagnosis).replace(/^#/gm, '##');
  } catch (error) {
    return `## Doctor\n\nIt did not answer: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function folders(): Record<string, string> {
  const open = (vscode.workspace.workspaceFolders ?? []).map(({ uri }, index) => [uri.fsPath, `<folder ${index + 1}>`] as const);
  return { ...Object.fromEntries(open), [os.homedir()]: '~' };
}
