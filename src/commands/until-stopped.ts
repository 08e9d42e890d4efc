/** Resolves at the first SIGINT, SIGTERM, SIGHUP or abort. */
export function untilStopped(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
    const stop = (): void => {
      for (const name of names) process.off(name, stop);
      signal.removeEventListener('abort', stop);
      resolve();
    };
    for (const name of names) process.on(name, stop);
    signal.addEventListener('abort', stop);
    if (signal.aborted) stop();
  });
}
