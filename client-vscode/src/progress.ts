/** Progress as a notification with a Cancel button; the client library's own has none that can be seen. */
import * as vscode from 'vscode';
import type {
  LanguageClient,
  Middleware,
  ProgressToken,
  WorkDoneProgressBegin,
  WorkDoneProgressReport,
} from 'vscode-languageclient/node';

type HandleProgress = NonNullable<Middleware['handleWorkDoneProgress']>;

/** One notification that is shown now. */
class Bar {
  private percentage = 0;
  private end: () => void = () => undefined;

  constructor(private readonly shown: vscode.Progress<{ message?: string; increment?: number }>) {}

  /** Settles when the work is over; the notification stays that long. */
  readonly over = new Promise<void>((settle) => {
    this.end = settle;
  });

  report(value: WorkDoneProgressBegin | WorkDoneProgressReport): void {
    const increment = Math.max(0, (value.percentage ?? 0) - this.percentage);
    this.percentage += increment;
    this.shown.report({ increment, ...(value.message === undefined ? {} : { message: value.message }) });
  }

  close(): void {
    this.end();
  }
}

/** All bars of the window; `client` is asked only when the user cancels. */
export function showProgress(client: () => LanguageClient | undefined): { handle: HandleProgress; clear(): void } {
  const bars = new Map<ProgressToken, Bar>();

  const begin = (token: ProgressToken, value: WorkDoneProgressBegin): void => {
    const options = {
      location: vscode.ProgressLocation.Notification,
      title: value.title,
      cancellable: value.cancellable ?? false,
    };
    void vscode.window.withProgress(options, async (shown, cancellation) => {
      const bar = new Bar(shown);
      bars.set(token, bar);
      cancellation.onCancellationRequested(() => {
        void client()?.sendNotification('window/workDoneProgress/cancel', { token });
      });
      bar.report(value);
      await bar.over;
    });
  };

  const handle: HandleProgress = (token, value, next) => {
    if (value.kind === 'begin') begin(token, value);
    else if (value.kind === 'report') bars.get(token)?.report(value);
    else {
      bars.get(token)?.close();
      bars.delete(token);
      // The library only forgets its own bar then; it was never begun, so nothing is shown twice.
      next(token, value);
    }
  };

  /** A server that is gone ends no bar. */
  const clear = (): void => {
    for (const bar of bars.values()) bar.close();
    bars.clear();
  };
  return { handle, clear };
}
