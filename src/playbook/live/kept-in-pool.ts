/**
 * How many members must stay healthy: the greatest of numbers and shares such as `50%`, which are of all members and rounded up; a
 * sentence when one is neither.
 */
export function keptOf(wanted: readonly string[], members: number): number | string {
  let most = 0;
  for (const text of wanted) {
    const [, share] = /^(\d+)%$/.exec(text) ?? [];
    const count = share === undefined ? Number(text) : Math.ceil((Number(share) * members) / 100);
    if (text.trim() === '' || !Number.isInteger(count) || count < 0)
      return `keep_in_pool is ${JSON.stringify(text)}, neither a number nor a share such as 50%`;
    most = Math.max(most, count);
  }
  return most;
}
