/** Read-only pages of ours, shown as rendered Markdown. */
import * as vscode from 'vscode';
import { keep } from './kept';

const SCHEME = 'tierwise-page';
const MOST = 50;

/** Keeps the text of each page by its name; showing a page again replaces its text. */
export class Pages implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private readonly texts = new Map<string, string>();
  private readonly registration = vscode.workspace.registerTextDocumentContentProvider(SCHEME, this);
  private n = 0;

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.texts.get(uri.path) ?? 'This page was of an earlier window; run the command again.';
  }

  async show(name: string, markdown: string): Promise<void> {
    const uri = this.place(`/${name}.md`, markdown);
    try {
      await vscode.commands.executeCommand('markdown.showPreview', uri);
    } catch {
      // The preview belongs to another extension, which can be switched off.
      await vscode.window.showTextDocument(uri, { preview: true });
    }
  }

  /** Show a text as it is. */
  async showText(name: string, text: string): Promise<void> {
    const uri = this.place(`/${name.replace(/[\\/]/g, ' ')}.txt`, text);
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri), { preview: true });
  }

  dispose(): void {
    this.registration.dispose();
  }

  private place(path: string, text: string): vscode.Uri {
    keep(this.texts, path, text, MOST);
    this.n += 1;
    // The editor keeps what it has read of an address, and tells nobody of changes once it has closed the document.
    return vscode.Uri.from({ scheme: SCHEME, path, query: String(this.n) });
  }
}
