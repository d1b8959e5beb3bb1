/** The box that asks what to do, with what was asked before below it. */
import * as vscode from 'vscode';
import { choices, remember } from './history';

const KEY = 'instructions';

/** What the user wants done; undefined when they closed the box. */
export async function askInstruction(title: string, memory: vscode.Memento): Promise<string | undefined> {
  const history = memory.get<string[]>(KEY, []);
  const box = vscode.window.createQuickPick();
  const fill = (typed: string): void => {
    box.items = choices(history, typed).map((label) => ({ label, alwaysShow: true }));
  };
  box.title = title;
  box.placeholder = 'What should be done? e.g. accept None and give an empty list back';
  fill('');
  box.onDidChangeValue(fill);
  try {
    const chosen = await new Promise<string | undefined>((answer) => {
      box.onDidAccept(() => {
        answer(box.activeItems[0]?.label ?? box.value.trim());
      });
      box.onDidHide(() => {
        answer(undefined);
      });
      box.show();
    });
    if (chosen === undefined || chosen === '') return undefined;
    await memory.update(KEY, remember(history, chosen));
    return chosen;
  } finally {
    box.dispose();
  }
}
