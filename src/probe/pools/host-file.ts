import { shq } from '../../remote/quote.ts';

/**
 * A path of the fleet file as one shell word; `~/` is the home of whoever the commands run as. `null` for a path with control
 * characters, which no file of a pool has.
 */
export function hostFile(path: unknown): string | null {
  if (typeof path !== 'string' || /\p{Cc}/u.test(path)) return null;
  return path.startsWith('~/') ? `"$HOME"/${shq(path.slice(2))}` : shq(path);
}
