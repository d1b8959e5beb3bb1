/** Runs a job again whenever asked, one at a time, with at most one more waiting. */
export function oneAtATime(job: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  let queued: Promise<void> | undefined;

  const run = (): Promise<void> => {
    running = job().finally(() => {
      running = undefined;
    });
    return running;
  };

  return () => {
    if (running === undefined) return run();
    // Whoever asks while one is waiting is served by that one: it has not begun to look at the wishes yet.
    queued ??= running
      .catch(() => undefined)
      .then(() => {
        queued = undefined;
        return run();
      });
    return queued;
  };
}
