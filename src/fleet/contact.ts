/** Somebody to reach by other means than the failing system; read from a local file and never sent anywhere. */
export interface Contact {
  readonly name: string;
  /** What the person or desk does: `power and console of sunjammer`. */
  readonly role: string | null;
  readonly phone: string | null;
  readonly mail: string | null;
  /** When they can be reached, in words. */
  readonly when: string | null;
  /** Hosts or roles of the fleet file they are for; empty means all. */
  readonly for: readonly string[];
}

/** Contacts for a host, those named for it first, else those named for its role, then those for all; the file's order within each. */
export function contactsOf(
  contacts: readonly Contact[],
  host: { readonly name: string; readonly role: string | null },
): readonly Contact[] {
  const rank = (contact: Contact): number => {
    if (contact.for.includes(host.name)) return 0;
    if (host.role !== null && contact.for.includes(host.role)) return 1;
    return contact.for.length === 0 ? 2 : 3;
  };
  return contacts
    .map((contact) => ({ contact, rank: rank(contact) }))
    .filter((each) => each.rank < 3)
    .toSorted((a, b) => a.rank - b.rank)
    .map((each) => each.contact);
}
