/** Waits for `promise` unless `signal` aborts first; then rejects with `reason()`. The promise itself goes on. */
export async function abortable<Value>(promise: Promise<Value>, signal: AbortSignal, reason: () => Error): Promise<Value> {
  if (signal.aborted) {
    promise.catch(() => {});
    throw reason();
  }
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const stop = (): void => reject(reason());
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** Waits `ms`, or less when `signal` aborts; then rejects with `reason()`. */
export async function pause(ms: number, signal: AbortSignal, reason: () => Error): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  try {
    await abortable(promise, signal, reason);
  } finally {
    clearTimeout(timer);
  }
}
