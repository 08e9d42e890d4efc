/**
 * Azure's ids (`/subscriptions/S/resourceGroups/G/providers/…/name`) are case-insensitive, and its services write the same one in
 * different cases (recorded: a resource group in capitals in the answer of one call and in small letters in another's).
 */

/** The key under which an id is joined. */
export function idKey(id: string): string {
  return id.toLowerCase();
}

/** What follows `segment` in an id, as written; `null` when the id has no such part. */
export function partOf(id: string | undefined, segment: string): string | null {
  const parts = id?.split('/') ?? [];
  const at = parts.findIndex((part) => part.toLowerCase() === segment.toLowerCase());
  const part = at === -1 ? undefined : parts[at + 1];
  return part === undefined || part === '' ? null : part;
}

/** Resource group of an id, lower-cased; `null` when it names none. */
export function groupOf(id: string | undefined): string | null {
  return partOf(id, 'resourceGroups')?.toLowerCase() ?? null;
}
