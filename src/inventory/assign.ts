import type { Environment, LabelMatch, RoleMatch } from '../fleet/definition.ts';
import type { Pattern } from '../fleet/pattern.ts';

/** What a source says of one machine, before the fleet file's rules. */
export interface Described {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Network tags (GCE); empty where a source has none. */
  readonly tags: readonly string[];
}

/** What the named groups of a source's name pattern say of a host. */
export interface NameParts {
  readonly env: string | null;
  readonly role: string | null;
  /** All other groups. */
  readonly labels: Readonly<Record<string, string>>;
}

const noParts: NameParts = { env: null, role: null, labels: {} };

/** Reads a host name by the source's pattern; a name that does not match says nothing. */
export function readName(pattern: Pattern | null, name: string): NameParts {
  const groups = pattern?.exec(name)?.groups;
  if (groups === undefined) return noParts;
  const { env, role, ...labels } = groups;
  const given = Object.entries(labels).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return { env: env ?? null, role: role ?? null, labels: Object.fromEntries(given) };
}

/**
 * Environment of a host: what names it outright (`env:` of a static host, the name pattern's `env` group), else the first that matches,
 * else `default`. An environment with both a label and a name rule matches only when both do.
 */
export function environmentFor(
  environments: readonly Environment[],
  host: Pick<Described, 'name' | 'labels'>,
  named: string | null,
): string {
  if (named !== null) return named;
  const found = environments.find(({ match }) => {
    if (match === null) return false;
    return (match.label === null || hasLabel(host.labels, match.label)) && (match.name === null || match.name.test(host.name));
  });
  return found?.name ?? 'default';
}

/** Role of a host: the first rule that matches, else the name pattern's `role` group, else none. */
export function roleFor(
  rules: readonly { readonly role: string; readonly match: RoleMatch }[],
  host: Described,
  named: string | null,
): string | null {
  return rules.find(({ match }) => matches(match, host))?.role ?? named;
}

function matches(match: RoleMatch, host: Described): boolean {
  if (match.kind === 'tag') return host.tags.includes(match.tag);
  return match.kind === 'label' ? hasLabel(host.labels, match.label) : match.pattern.test(host.name);
}

function hasLabel(labels: Readonly<Record<string, string>>, { key, value }: LabelMatch): boolean {
  return Object.hasOwn(labels, key) && labels[key] === value;
}
