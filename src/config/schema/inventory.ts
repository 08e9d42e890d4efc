import { z } from 'zod';
import type { AddressChoice, RoleMatch, Source, StaticHost } from '../../fleet/definition.ts';
import { parseLabel } from './environments.ts';
import { duration, isName, name, parseHostPort, pattern, port, setting, text } from './values.ts';

const rolePhrase = 'must be tag:NAME, label:KEY=VALUE or name:PATTERN';

const roleMatch = z
  .string({ error: rolePhrase })
  .transform((value, context): RoleMatch => {
    const [, kind, rest = ''] = /^(tag|label|name):(.+)$/s.exec(value) ?? [];
    if (kind === 'tag') return { kind, tag: rest };
    const label = kind === 'label' ? parseLabel(rest) : null;
    if (label !== null) return { kind: 'label', label };
    if (kind === 'name') {
      const read = pattern.safeParse(rest);
      if (read.success) return { kind, pattern: read.data };
      context.issues.push({ code: 'custom', input: value, message: read.error.issues[0]?.message ?? rolePhrase });
      return z.NEVER;
    }
    context.issues.push({ code: 'custom', input: value, message: rolePhrase });
    return z.NEVER;
  })
  .describe('tag:NAME, label:KEY=VALUE or name:PATTERN');

const addressPhrase = 'must be private, public, name or label:KEY';

const addressChoice = z
  .string({ error: addressPhrase })
  .refine((value) => /^(private|public|name|label:\S+)$/.test(value), addressPhrase)
  .transform((value): AddressChoice => {
    if (value === 'public' || value === 'name') return { kind: value };
    return value.startsWith('label:') ? { kind: 'label', key: value.slice('label:'.length) } : { kind: 'private' };
  })
  .describe('Address that SSH dials: private, public, name or label:KEY');

const timing = {
  refresh: duration.optional().describe('Time between two listings (60s)'),
  deadline: duration.optional().describe('Longest that one listing may take (20s)'),
};

const api = {
  endpoint: z
    .string()
    .refine((value) => /^https?:\/\/[^\s/]+/.test(value) && URL.canParse(value), 'must be an http:// or https:// address')
    .optional()
    .describe('Base address of the API, for tests and private clouds'),
  ca: text.optional().describe('PEM file of the certificate authority of the endpoint'),
  token: setting.optional().describe('Bearer token instead of the ambient credentials'),
};

const cloud = {
  ...timing,
  ...api,
  role: z
    .record(z.string(), z.union([roleMatch, z.array(roleMatch).min(1)], { error: rolePhrase }).transform((value) => [value].flat()))
    .optional()
    .describe('Role: rule; the first rule that matches a host gives its role'),
  address: addressChoice.optional(),
  name: pattern.optional().describe('Pattern of host names; its named groups fill env, role and labels'),
};

export const staticHostSchema = z.strictObject({
  name: name.describe('Name shown to people'),
  address: z
    .string()
    .refine((value) => parseHostPort(value)?.port === null || /^[0-9a-fA-F]*:[0-9a-fA-F:.]+(%\w+)?$/.test(value), 'must be a host name or an IP address, without user and port')
    .optional()
    .describe('Name or IP address that SSH dials; the name when left out'),
  port: port.optional().describe('SSH port'),
  user: z.string().refine(isName, 'must be a user name').optional().describe('SSH user'),
  role: name.optional(),
  env: name.optional().describe('Environment, whatever the rules say'),
  zone: text.optional(),
  labels: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean()], { error: 'must be text' }).transform(String))
    .optional(),
});

/** One schema a kind of source; the key that names the kind chooses. */
export const sourceSchemas = {
  gce: z.strictObject({
    gce: z.strictObject({
      project: setting,
      zones: z.array(name).min(1).optional().describe('Zones to list; all when left out'),
      filter: text.optional().describe('Filter of the API, e.g. labels.fleet=pencilcode'),
    }),
    ...cloud,
  }),
  azure: z.strictObject({
    azure: z.strictObject({ subscription: setting, resourceGroup: setting.optional() }),
    ...cloud,
  }),
  static: z.strictObject({ static: z.array(staticHostSchema), ...timing }),
  local: z.strictObject({ local: z.strictObject({ name, role: name.optional(), env: name.optional() }), ...timing }),
} as const;

export type SourceKind = keyof typeof sourceSchemas;
export type GivenSource = { [Kind in SourceKind]: { kind: Kind; given: z.output<(typeof sourceSchemas)[Kind]> } }[SourceKind];

/** A source of the fleet; `taken` holds the names given so far, so that each is unique. */
export function sourceOf(source: GivenSource, taken: Set<string>): Source {
  const { refresh, deadline } = source.given;
  const base = { name: uniqueName(sourceName(source), taken), refreshMs: refresh ?? 60_000, deadlineMs: deadline ?? 20_000 };
  if (source.kind === 'static') return { ...base, kind: 'static', hosts: source.given.static.map(staticHostOf) };
  if (source.kind === 'local') {
    const { name: hostName, role, env } = source.given.local;
    return { ...base, kind: 'local', hostName, role: role ?? null, env: env ?? null };
  }
  const { endpoint, ca, token, role, address, name: namePattern } = source.given;
  const shared = {
    ...base,
    endpoint: endpoint ?? null,
    ca: ca ?? null,
    token: token ?? null,
    roles: Object.entries(role ?? {}).flatMap(([to, matches]) => matches.map((match) => ({ role: to, match }))),
    address: address ?? { kind: 'private' },
    namePattern: namePattern ?? null,
  } as const;
  if (source.kind === 'gce') {
    const { project, zones, filter } = source.given.gce;
    return { ...shared, kind: 'gce', project, zones: zones ?? [], filter: filter ?? null };
  }
  const { subscription, resourceGroup } = source.given.azure;
  return { ...shared, kind: 'azure', subscription, resourceGroup: resourceGroup ?? null };
}

function staticHostOf(host: z.output<typeof staticHostSchema>): StaticHost {
  return {
    name: host.name,
    address: host.address ?? host.name,
    port: host.port ?? null,
    user: host.user ?? null,
    role: host.role ?? null,
    env: host.env ?? null,
    zone: host.zone ?? null,
    labels: host.labels ?? {},
  };
}

function sourceName(source: GivenSource): string {
  if (source.kind === 'static' || source.kind === 'local') return source.kind;
  const from = source.kind === 'gce' ? source.given.gce.project : (source.given.azure.resourceGroup ?? source.given.azure.subscription);
  if (from.kind === 'literal') return `${source.kind}:${from.value}`;
  return from.kind === 'env' ? `${source.kind}:$${from.name}` : source.kind;
}

function uniqueName(wanted: string, taken: Set<string>): string {
  let unique = wanted;
  for (let number = 2; taken.has(unique); number += 1) unique = `${wanted}#${number}`;
  taken.add(unique);
  return unique;
}
