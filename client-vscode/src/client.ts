/** The protocol's client for one start of the server. */
import os from 'node:os';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import * as vscode from 'vscode';
import {
  CloseAction,
  ErrorAction,
  LanguageClient,
  RevealOutputChannelOn,
  type LanguageClientOptions,
  type Middleware,
} from 'vscode-languageclient/node';
import { currentSettings } from './settingsNow';

/** What the rest of the extension adds to a client before it starts. */
export interface Extras {
  middleware: Middleware;
  attach(client: LanguageClient): void;
}

/** A client that is not started yet; `onEnd` is called when its server ends without being asked to. */
export function newClient(
  program: { command: string; args: string[] },
  output: vscode.LogOutputChannel,
  extras: Extras,
  onEnd: () => void,
): LanguageClient {
  // Started from the user's own folder, so that nothing in the workspace is picked up by accident.
  const executable = { ...program, options: { cwd: os.homedir() } };
  const options: LanguageClientOptions = {
    documentSelector: [{ scheme: 'file' }, { scheme: 'untitled' }],
    initializationOptions: () => ({
      trusted: vscode.workspace.isTrusted,
      settings: currentSettings(),
      proposals: true,
      accept: true,
      status: true,
      instructionBox: true,
      buttons: true,
    }),
    outputChannel: output,
    revealOutputChannelOn: RevealOutputChannelOn.Never,
    initializationFailedHandler: () => false,
    errorHandler: {
      error: () => ({ action: ErrorAction.Continue }),
      closed: () => {
        onEnd();
        return { action: CloseAction.DoNotRestart, handled: true };
      },
    },
    middleware: extras.middleware,
    stdioOptions: { stdout: logLines, stderr: logLines },
  };
  const client = new LanguageClient('tierwise', 'Tierwise', { run: executable, debug: executable }, options);
  extras.attach(client);
  return client;
}

/** The server logs to its standard error whatever it has to say, so a line there is not an error by itself. */
function logLines(input: Readable, output: vscode.LogOutputChannel): void {
  createInterface({ input, crlfDelay: Infinity }).on('line', (line) => {
    output.info(line);
  });
}
