/** The box that asks what to do, with what was asked in this workspace before below it. */
import * as vscode from 'vscode';
import { choices, forget, remember } from './history';

const KEY = 'instructions';
const FORGET: vscode.QuickInputButton = { iconPath: new vscode.ThemeIcon('trash'), tooltip: 'Forget this instruction' };
const FORGET_ALL: vscode.QuickInputButton = { iconPath: new vscode.ThemeIcon('clear-all'), tooltip: 'Forget all instructions' };

/** What the user wants done; undefined when they closed the box. */
export async function askInstruction(title: string, memory: vscode.Memento): Promise<string | undefined> {
  let history = memory.get<string[]>(KEY, []);
  const box = vscode.window.createQuickPick();
  const fill = (): void => {
    const buttons = (label: string): vscode.QuickInputButton[] => (history.includes(label) ? [FORGET] : []);
    box.items = choices(history, box.value).map((label) => ({ label, alwaysShow: true, buttons: buttons(label) }));
  };
  const keep = async (now: string[]): Promise<void> => {
    history = now;
    fill();
    await memory.update(KEY, now);
  };
  box.title = title;
  // An answer that comes while it is typed takes the focus.
  box.ignoreFocusOut = true;
  box.placeholder = 'What should be done? e.g. accept None and give an empty list back';
  box.buttons = [FORGET_ALL];
  fill();
  box.onDidChangeValue(fill);
  box.onDidTriggerItemButton(({ item }) => void keep(forget(history, item.label)));
  box.onDidTriggerButton(() => void keep([]));
  try {
    const chosen = await new Promise<string | undefined>((answer) => {
      box.onDidAccept(() => {
        // Enter may come before the window has told which row of the new list is active; the one of before is not meant.
        const [active] = box.activeItems;
        answer(active !== undefined && box.items.includes(active) ? active.label : box.value.trim());
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
