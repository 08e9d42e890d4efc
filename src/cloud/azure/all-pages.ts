import { CloudCallError } from '../provider-calls.ts';

/** A list call of the SDK, as far as it is used here. */
interface Paged<Item> {
  byPage(): AsyncIterableIterator<Item[] & { continuationToken?: string }>;
}

/**
 * Every item of every page. The SDK follows `nextLink` as given and without end, so a link that comes twice is refused here.
 * @throws CloudCallError
 */
export async function allPages<Item>(list: Paged<Item>): Promise<Item[]> {
  const items: Item[] = [];
  const seen = new Set<string>();
  for await (const page of list.byPage()) {
    items.push(...page);
    const next = page.continuationToken;
    if (next === undefined) continue;
    if (seen.has(next)) {
      throw new CloudCallError('broken', 'Azure’s list leads in a circle: one of its next pages is one that was read already.');
    }
    seen.add(next);
  }
  return items;
}
