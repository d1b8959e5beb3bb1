/** The sentence that says why there is no server, with buttons for what can be done about it. */
import * as vscode from 'vscode';
import type { FailedState } from './words';

const COPY = 'Copy the command';
const COMMANDS: Readonly<Record<string, [command: string, ...rest: unknown[]]>> = {
  'Set up': ['tierwise.setUp'],
  'Try again': ['tierwise.setUp'],
  'Choose a Python…': ['tierwise.chooseInterpreter'],
  'Open settings': ['workbench.action.openSettings', 'tierwise.server'],
  Restart: ['tierwise.restart'],
  'Show log': ['tierwise.showLog'],
};

/** Who cancelled made no error; everybody else is told once for each failure. */
export async function offerHelp(state: FailedState): Promise<void> {
  const buttons = buttonsFor(state);
  const words = `Tierwise: ${state.words}`;
  const chosen = state.setup !== 'cancelled'
    ? await vscode.window.showErrorMessage(words, ...buttons)
    : await vscode.window.showInformationMessage(words, ...buttons);
  if (chosen === undefined) return;
  if (chosen === COPY) await vscode.env.clipboard.writeText(state.fix ?? '');
  else if (COMMANDS[chosen] !== undefined) await vscode.commands.executeCommand(...COMMANDS[chosen]);
}

function buttonsFor(state: FailedState): string[] {
  const copy = state.fix === undefined ? [] : [COPY];
  switch (state.setup) {
    case undefined:
      return [...copy, 'Open settings', 'Restart', ...(copy.length > 0 ? [] : ['Show log'])];
    case 'cancelled':
      return ['Set up', 'Choose a Python…'];
    default:
      return [...copy, 'Try again', 'Choose a Python…', 'Show log'];
  }
}
