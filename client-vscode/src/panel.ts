/** The report beside the code: the server's own page, kept at what the ledger says while it is seen. */
import * as vscode from 'vscode';

/** What `tierwise.report` answers. */
export interface Report {
  headline: string;
  html: string;
}

/** One panel at most; asking again brings it to the front. */
export class ReportPanel implements vscode.Disposable {
  private panel: vscode.WebviewPanel | undefined;
  private shown = '';
  private isReading = false;
  private isStale = false;

  constructor(private readonly read: () => Promise<Report>) {}

  async show(): Promise<void> {
    // Where there is nothing to show, the reason is said and no empty panel stays.
    const { html } = await this.read();
    if (this.panel === undefined) {
      // The page brings its own policy: no requests, and no scripts but the two whose digests it names.
      const options = { enableScripts: true, localResourceRoots: [] };
      const place = { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true };
      this.panel = vscode.window.createWebviewPanel('tierwise.report', 'Tierwise: report', place, options);
      this.panel.onDidDispose(() => {
        this.panel = undefined;
        this.shown = '';
      });
      this.panel.onDidChangeViewState(() => {
        if (this.isStale) void this.update();
      });
    }
    this.panel.reveal(undefined, true);
    this.draw(this.panel, html);
  }

  /** The figures have changed; a panel nobody sees is brought up to date when it is seen. */
  update(): Promise<void> {
    return this.refresh().catch(() => {
      // A server that is gone says so itself; the panel keeps what it had.
    });
  }

  dispose(): void {
    this.panel?.dispose();
  }

  private async refresh(): Promise<void> {
    this.isStale = true;
    if (this.isReading) return;
    this.isReading = true;
    try {
      while (this.isStale && this.panel?.visible === true) {
        this.isStale = false;
        const { panel } = this;
        const { html } = await this.read();
        // It may have been closed meanwhile.
        if (this.panel !== panel) return;
        this.draw(panel, html);
      }
    } finally {
      this.isReading = false;
    }
  }

  private draw(panel: vscode.WebviewPanel, html: string): void {
    // Setting the same page again would throw the reader back to its top.
    if (html !== this.shown) panel.webview.html = html;
    this.shown = html;
  }
}
