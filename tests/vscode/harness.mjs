// One window of a real VS Code, and the things a person does in it.
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

const root = path.resolve(import.meta.dirname, '../..');
const pictures = path.join(root, 'test-results/vscode');
/** Pictures that the documentation shows, by their names there; `make pictures` takes them again. */
const SHOWN = { menu: 'lightbulb', 'review-chosen': 'review', done: 'done', working: 'working' };

// Long enough for a machine that does ten other things; a test that passes never waits this long.
const PATIENCE_MS = 60_000;

/** Wait until a question is answered with something true; an exception counts as "not yet". */
export async function until(question, patience = PATIENCE_MS) {
  const end = Date.now() + patience;
  for (;;) {
    let failure;
    try {
      const answer = await question();
      if (answer) return answer;
    } catch (error) {
      failure = error;
    }
    if (end < Date.now()) throw failure ?? new Error(`still not so after ${patience} ms: ${question}`);
    await new Promise((go) => setTimeout(go, 100));
  }
}

/**
 * Tests that need the window as the one before left it: after one that fails the rest is skipped, unless GO_ON is set.
 * `window` gives the window of that moment, for a picture of the failure.
 */
export function scenarios(window, timeout) {
  let hasFailed = false;
  return (name, play) =>
    test(name, async (t) => {
      if (hasFailed && process.env.GO_ON === undefined) return t.skip('an earlier one failed');
      let timer;
      const late = new Promise((_, refuse) => {
        timer = setTimeout(() => refuse(new Error(`it took more than ${timeout / 1000} s`)), timeout);
      });
      try {
        await Promise.race([play(), late]);
      } catch (error) {
        hasFailed = true;
        await window()?.picture(`failed ${name}`.replace(/\W+/g, '-')).catch(() => undefined);
        // The picture stays on the machine that took it; what is said about the failure goes further.
        const shown = await window()?.outline().catch(() => undefined);
        throw new Error(`${error.message}\n\nThe window then:\n${shown}\n`, { cause: error });
      } finally {
        clearTimeout(timer);
      }
    });
}

/** One window of the editor, and the person before it. */
export class Window {
  static async open(browser, editor, folder) {
    // Windows of one browser share what it keeps, so that the next one is drawn sooner.
    const [context = await browser.newContext({ viewport: { width: 1280, height: 800 } })] = browser.contexts();
    const page = await context.newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    const window = new Window(page, folder);
    page.on('request', (request) => {
      const { protocol, origin, hostname } = new URL(request.url());
      // Rendered pages name local files under this host; the window's own worker answers, nothing leaves it.
      const isLocalFile = hostname.endsWith('.vscode-resource.vscode-cdn.net');
      if (protocol.startsWith('http') && origin !== editor.url && !isLocalFile) window.strangers.add(origin);
    });
    const kind = folder.endsWith('.code-workspace') ? 'workspace' : 'folder';
    await page.goto(`${editor.url}/?${kind}=${encodeURIComponent(folder)}`, { waitUntil: 'domcontentloaded' });
    await window.isDrawn();
    if (kind === 'workspace') await window.hasFolders();
    return window;
  }

  /** Hosts other than the editor's own that the page talked to. */
  strangers = new Set();

  constructor(page, folder) {
    this.page = page;
    this.folder = folder;
  }

  isDrawn() {
    return this.page.locator('.monaco-workbench .statusbar-item').first().waitFor();
  }

  /**
   * The editor now and then reads the file that lists a workspace's folders before it can, and then stays without any
   * until the page is loaded again: on a busy machine one window in five did.
   */
  async hasFolders() {
    const folder = this.page.getByRole('treeitem').first();
    await until(async () => {
      if (await folder.waitFor({ timeout: 10_000 }).then(() => true, () => false)) return true;
      await this.reload();
      return false;
    });
  }

  async reload() {
    await this.page.reload({ waitUntil: 'domcontentloaded' });
    await this.isDrawn();
  }

  /** Leave the page before it goes, so that it can tell its server goodbye; one that is torn down is waited for. */
  async close() {
    await this.page.goto('about:blank');
    await this.page.close();
  }

  press(...keys) {
    return keys.reduce((before, key) => before.then(() => this.page.keyboard.press(key)), Promise.resolve());
  }

  type(text) {
    return this.page.keyboard.type(text);
  }

  async picture(name) {
    fs.mkdirSync(pictures, { recursive: true });
    const file = path.join(pictures, `${name}.png`);
    await this.page.screenshot({ path: file });
    const shown = process.env.TIERWISE_PICTURES;
    if (shown !== undefined && SHOWN[name] !== undefined) fs.copyFileSync(file, path.join(shown, `${SHOWN[name]}.png`));
  }

  /** What the side bar, the editor's tabs, lists and messages say, without their text. */
  async outline() {
    const parts = ['.part.sidebar', '.tabs-container', '.quick-input-widget', '.notifications-toasts', '.notifications-center', '.part.statusbar'];
    const texts = await Promise.all(parts.map((part) => this.page.locator(part).first().innerText({ timeout: 2000 }).catch(() => '-')));
    return texts.map((text, n) => `${parts[n]}: ${text.replace(/\s+/g, ' ').slice(0, 400)}`).join('\n');
  }

  onDisk(name) {
    return fs.readFileSync(path.join(this.folder, name), 'utf8');
  }

  /** Open a file from the side bar; settles when its own text is shown, which is later than its tab. */
  async openFile(name) {
    const text = this.page.locator(`.editor-instance .monaco-editor[data-uri$="/${name}"] .view-line`).first();
    await until(async () => {
      await this.page.getByRole('treeitem', { name }).dblclick({ timeout: 5000 });
      await this.tab(name).waitFor({ timeout: 10_000 });
      await text.waitFor({ timeout: 10_000 });
      return true;
    });
  }

  tab(name) {
    return this.page.locator(`.tab.active[data-resource-name="${name}"]`);
  }

  /** Lines of the editor's text; VS Code draws spaces as no-break spaces. */
  line(text) {
    return this.page.locator('.monaco-editor .view-line', { hasText: text });
  }

  /** Click until what it brings about is seen: the editor may be drawing anew what is clicked, and such a click is lost. */
  async clickUntil(target, isSeen) {
    await until(async () => {
      if (await isSeen()) return true;
      await target.click({ timeout: 3000 });
      return await until(isSeen, 8000);
    });
  }

  /** Rest the mouse on something until its tooltip comes up; gives the tooltip back. */
  async hoverUntil(target, words) {
    const tooltip = this.page.locator('.monaco-hover, .workbench-hover', { hasText: words }).first();
    await until(async () => {
      await this.page.mouse.move(640, 400);
      await target.hover({ timeout: 3000 });
      await tooltip.waitFor({ timeout: 8000 });
      return true;
    });
    return tooltip;
  }

  /** Put the cursor in front of the first line that says something, and wait until it blinks there. */
  async putCursor(text) {
    const line = this.line(text).first();
    const hasCursor = (element) => {
      const editor = element.closest('.monaco-editor');
      const number = editor?.querySelector('.active-line-number');
      if (!editor?.classList.contains('focused') || !number) return false;
      return Math.abs(number.getBoundingClientRect().top - element.getBoundingClientRect().top) < 4;
    };
    await until(async () => {
      await line.click({ timeout: 3000 });
      await this.press('Home');
      return await until(() => line.evaluate(hasCursor, undefined, { timeout: 1000 }), 3000);
    });
  }

  /** Take one step back in the text; a key is lost while the palette still has the focus. */
  async undo() {
    await this.page.locator('.editor-instance .monaco-editor.focused').first().waitFor();
    await this.press('Control+Z');
    await this.dirtyTabs().first().waitFor();
  }

  /**
   * Choose from the palette. A key that is pressed before the window listens is lost, and commands may come later than the
   * list that shows them, so both are asked for again; it is done when the list is gone or asks for something else. A list
   * that does not have the command may be another one that came up late, so it is closed before.
   */
  async command(title) {
    const wanted = `>${title}`;
    const input = this.page.locator('.quick-input-widget input').first();
    const timeout = 2000;
    const isOpen = async () => (await input.isVisible()) && (await input.inputValue({ timeout })) === wanted;
    await until(async () => {
      if (!(await input.isVisible())) {
        await this.press('F1');
        await input.waitFor({ timeout });
      }
      try {
        await input.fill('>', { timeout });
        await input.fill(wanted, { timeout });
        return await this.focusRow(input, title, timeout);
      } catch (error) {
        await this.press('Escape');
        throw error;
      }
    });
    // Pressed a second time only if the list is still there long after, for it would go into the text otherwise.
    await until(async () => {
      await input.press('Enter', { timeout });
      return await until(async () => !(await isOpen()), 10_000);
    });
  }

  /** Go down the list to the row with a name, of which others may be shown before it. */
  async focusRow(input, name, timeout) {
    const focused = this.page.locator('.quick-input-list .monaco-list-row.focused .label-name').first();
    await this.row(name).waitFor({ timeout });
    for (let steps = 0; steps < 20; steps += 1) {
      if ((await focused.textContent({ timeout })).replace(/…$/, '') === name.replace(/…$/, '')) return true;
      await input.press('ArrowDown', { timeout });
    }
    return false;
  }

  /** Answer the box that asks for an instruction. */
  async answer(text) {
    await this.page.locator('.quick-input-widget input').first().fill(text);
    await this.row(text).waitFor();
    await this.press('Enter');
  }

  row(text) {
    return this.page.locator('.quick-input-list .monaco-list-row', { hasText: text }).first();
  }

  entries() {
    return this.page.locator('.action-widget .monaco-list-row.action');
  }

  /**
   * Open the menu of code actions; a late change of focus can close it, so it is asked for again. While it is open the same
   * key carries out the entry that has the focus, so a menu that comes late is waited for.
   */
  async openMenu(wanted) {
    const entry = this.entries().filter({ hasText: wanted }).first();
    await until(async () => {
      const first = this.entries().first();
      if (!(await first.isVisible())) {
        await this.press('Control+.');
        await first.waitFor({ timeout: 12_000 });
      }
      if (await entry.isVisible()) return true;
      await this.press('Escape');
      await first.waitFor({ state: 'hidden', timeout: 3000 });
      return false;
    });
    return entry;
  }

  /** Choose an entry with the keyboard; a menu that closes meanwhile is opened again. */
  async choose(wanted) {
    await until(async () => {
      const entry = await this.openMenu(wanted);
      const isFocused = () => entry.evaluate((element) => element.classList.contains('focused'), undefined, { timeout: 2000 });
      for (let steps = 0; steps < 40 && !(await isFocused()); steps += 1) await this.press('ArrowDown');
      return await isFocused();
    });
    await this.press('Enter');
  }

  /** Wait until a rendered page of ours has come up and says something. */
  async reads(tab, wanted) {
    await this.page.locator('.tab.active', { hasText: tab }).waitFor();
    await until(async () => {
      const frames = this.page.frames();
      const texts = await Promise.all(frames.map((frame) => frame.locator('body').innerText({ timeout: 2000 })));
      return texts.some((text) => wanted.test(text));
    });
  }

  status() {
    return this.page.locator('.statusbar-item[id="tierwise.tierwise.status"]');
  }

  /** Make the side bar wider by dragging its edge. */
  async widen(by) {
    const box = await this.page.locator('.part.sidebar').boundingBox();
    const [x, y] = [box.x + box.width, box.y + box.height / 2];
    await this.page.mouse.move(x, y);
    await this.page.mouse.down();
    await this.page.mouse.move(x + by, y, { steps: 4 });
    await this.page.mouse.up();
  }

  async clickStatus() {
    // A tooltip of what the mouse rests on would lie over the item.
    await this.page.mouse.move(640, 400);
    await until(async () => !(await this.page.locator('.workbench-hover').first().isVisible()));
    await this.status().click();
    // Left where it is, the mouse would bring up the tooltip, which lies over the notifications.
    await this.page.mouse.move(640, 400);
  }

  async ready() {
    await until(async () => /Tierwise: ready|¢/.test(await this.status().innerText()));
  }

  /** Press a button of a notification; one that was not answered for a while has moved to the list of all of them. */
  async answerToast(text, button) {
    const list = this.page.locator('.notifications-center');
    const either = this.toast(text).or(list.locator('.notification-list-item', { hasText: text })).first();
    await until(async () => {
      await either.waitFor({ timeout: 3000 }).catch(() => this.command('Notifications: Show Notifications'));
      await either.getByRole('button', { name: button }).click({ timeout: 3000 });
      return true;
    });
    // While the list is open the editor shows no new notification beside it.
    await until(async () => {
      if (await list.isVisible()) await list.getByRole('button', { name: 'Hide Notifications' }).click({ timeout: 3000 });
      return !(await list.isVisible());
    });
  }

  toast(text) {
    return this.page.locator('.notification-toast', { hasText: text });
  }

  /** The notification of work that goes on, not of what came of earlier work. */
  bar(text) {
    return this.toast(text).filter({ has: this.page.getByRole('button', { name: 'Cancel' }) });
  }

  dirtyTabs() {
    return this.page.locator('.tab.dirty');
  }

  /**
   * Save all that has a tab; settles when the editor itself says so, which is later than the files are on disk.
   * A file that was changed while closed gets its tab 800 ms later: wait for that first.
   */
  async save() {
    await this.command('File: Save All Files');
    await until(async () => (await this.dirtyTabs().count()) === 0);
  }
}
