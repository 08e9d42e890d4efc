import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const everyBytes = 4 * 1024 * 1024;
let thrownAway = 0;
let collect: (() => void) | null = null;

/**
 * Called for bytes that were read only to be thrown away. V8 counts the small handles of network buffers, not what hangs on them, so
 * that 100 MB of output leave 60 to 90 MB of dead buffers standing before it collects; a minor collection every 4 MB leaves 20 and
 * costs about 10 ms a time. Where none can be had, nothing is done.
 */
export function threwAway(bytes: number): void {
  thrownAway += bytes;
  if (thrownAway < everyBytes) return;
  thrownAway = 0;
  collect ??= minorCollection();
  collect();
}

function minorCollection(): () => void {
  setFlagsFromString('--expose-gc');
  const found: unknown = runInNewContext('globalThis.gc');
  setFlagsFromString('--no-expose-gc');
  return typeof found === 'function' ? () => void Reflect.apply(found, undefined, [{ type: 'minor' }]) : () => {};
}
