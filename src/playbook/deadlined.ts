/** What a promise gives within `ms`, else `null`. */
export function deadlined<Value>(promise: Promise<Value>, ms: number): Promise<Value | null> {
  return answered(promise, ms, null);
}

/** What a promise gives within `ms` and before the signal aborts, else `null`; what it does later is of no interest to anybody. */
export async function answered<Value>(promise: Promise<Value>, ms: number, signal: AbortSignal | null): Promise<Value | null> {
  const { promise: late, resolve } = Promise.withResolvers<null>();
  const end = (): void => resolve(null);
  const timer = setTimeout(end, ms);
  if (signal?.aborted === true) end();
  signal?.addEventListener('abort', end, { once: true });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', end);
  }
}
