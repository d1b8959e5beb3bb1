/** The output channel: nothing secret gets into it, and the last lines are remembered for a report. */
import * as vscode from 'vscode';
import { redact } from './redaction';

const KEPT_LINES = 2_000;

/** Passes everything on to a channel of the editor, redacted. */
export class Log implements vscode.LogOutputChannel {
  private readonly channel = vscode.window.createOutputChannel('Tierwise', { log: true });
  private readonly lines: string[] = [];
  readonly name = this.channel.name;
  readonly onDidChangeLogLevel = this.channel.onDidChangeLogLevel;

  /** `secrets` is asked for each line; what it gives never shows. */
  constructor(private readonly secrets: () => readonly string[]) {}

  get logLevel(): vscode.LogLevel {
    return this.channel.logLevel;
  }

  /** The last lines, oldest first. */
  get remembered(): readonly string[] {
    return this.lines;
  }

  trace(message: string): void {
    this.channel.trace(this.clean('trace', message));
  }

  debug(message: string): void {
    this.channel.debug(this.clean('debug', message));
  }

  info(message: string): void {
    this.channel.info(this.clean('info', message));
  }

  warn(message: string): void {
    this.channel.warn(this.clean('warning', message));
  }

  error(error: string | Error): void {
    this.channel.error(this.clean('error', error instanceof Error ? (error.stack ?? error.message) : error));
  }

  append(value: string): void {
    this.channel.append(this.clean('', value));
  }

  appendLine(value: string): void {
    this.channel.appendLine(this.clean('', value));
  }

  replace(value: string): void {
    this.channel.replace(this.clean('', value));
  }

  clear(): void {
    this.channel.clear();
  }

  show(preserveFocus?: vscode.ViewColumn | boolean): void {
    this.channel.show(preserveFocus === true);
  }

  hide(): void {
    this.channel.hide();
  }

  dispose(): void {
    this.channel.dispose();
  }

  private clean(level: string, text: string): string {
    const clean = redact(text, { secrets: this.secrets(), folders: {} });
    // What is traced is the traffic, which is the user's code: it is shown to who asked for it, and never kept.
    if (level !== 'trace') this.lines.push(`${new Date().toISOString()} ${level} ${clean}`.replace(/\s+$/, ''));
    if (this.lines.length > KEPT_LINES) this.lines.splice(0, this.lines.length - KEPT_LINES);
    return clean;
  }
}
