/** What an action is to be done to, while the user goes on typing. */
import * as vscode from 'vscode';
import { moved, type Stretch } from './anchor';
import type { RunArgument } from './wire';

/** An argument that is kept up to date until it is let go. */
export interface Followed {
  argument(): RunArgument;
  dispose(): void;
}

/** Follows the range of an argument through the edits of its document, from the version it was made for. */
export function followed(argument: RunArgument): Followed {
  const document = vscode.workspace.textDocuments.find(({ uri }) => uri.toString() === argument.uri);
  const { range } = argument;
  if (document?.version !== argument.version || document === undefined || !isRange(range)) {
    return { argument: () => argument, dispose: () => undefined };
  }
  const offset = ({ line, character }: Place): number => document.offsetAt(new vscode.Position(line, character));
  let stretch: Stretch = [offset(range.start), offset(range.end)];
  const listening = vscode.workspace.onDidChangeTextDocument((change) => {
    if (change.document === document) stretch = change.contentChanges.reduce(moved, stretch);
  });
  const place = (at: number): Place => {
    const { line, character } = document.positionAt(at);
    return { line, character };
  };
  return {
    argument: () => {
      if (document.version === argument.version) return argument;
      // What was reported about the text before stands elsewhere now.
      const now = { version: document.version, range: { start: place(stretch[0]), end: place(stretch[1]) }, diagnostics: [] };
      return { ...argument, ...now };
    },
    dispose: () => {
      listening.dispose();
    },
  };
}

interface Place {
  line: number;
  character: number;
}

function isRange(value: unknown): value is { start: Place; end: Place } {
  return typeof value === 'object' && value !== null && 'start' in value && 'end' in value;
}
