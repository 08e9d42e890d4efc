import * as z from 'zod';
import type { AddressChoice, RoleMatch, Setting, Source, StaticHost } from '../../fleet/definition.ts';
import { type Variant, variant } from '../variant.ts';
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
    .record(
      z.string(),
      z.union([roleMatch, z.array(roleMatch).min(1)], { error: rolePhrase }).transform((value) => [value].flat()),
    )
    .optional()
    .describe('Role: rule; the first rule that matches a host gives its role'),
  address: addressChoice.optional(),
  name: pattern.optional().describe('Pattern of host names; its named groups fill env, role and labels'),
};

export const staticHostSchema = z.strictObject({
  name: name.describe('Name shown to people'),
  address: z
    .string()
    .refine(
      (value) => parseHostPort(value)?.port === null || /^[0-9a-fA-F]*:[0-9a-fA-F:.]+(%\w+)?$/.test(value),
      'must be a host name or an IP address, without user and port',
    )
    .optional()
    .describe('Name or IP address that SSH dials; the name when left out'),
  port: port.optional().describe('SSH port'),
  user: z.string().refine(isName, 'must be a user name').optional().describe('SSH user'),
  role: name.optional().describe('What it is for: web, nfs, lb'),
  env: name.optional().describe('Environment, whatever the rules say'),
  zone: text.optional().describe('Where it stands, shown to people'),
  labels: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean()], { error: 'must be text' }).transform(String))
    .optional()
    .describe('Labels, for rules and filters'),
});

const gce = z.strictObject({
  gce: z
    .strictObject({
      project: setting.describe('Project; text, { env: NAME } or { file: PATH }'),
      zones: z.array(name).min(1).optional().describe('Zones to list; all when left out'),
      filter: text.optional().describe('Filter of the API, e.g. labels.fleet=pencilcode'),
      ...timing,
      ...api,
    })
    .describe('Instances of a Google Cloud project'),
  ...cloud,
});

const azure = z.strictObject({
  azure: z
    .strictObject({
      subscription: setting.describe('Subscription; text, { env: NAME } or { file: PATH }'),
      resourceGroup: setting.optional().describe('Resource group; all of the subscription when left out'),
      ...timing,
      ...api,
    })
    .describe('Virtual machines of an Azure subscription'),
  ...cloud,
});
const staticHosts = z.strictObject({ static: z.array(staticHostSchema).describe('Hosts written down here'), ...timing });
const local = z.strictObject({
  local: z
    .strictObject({
      name: name.describe('Name shown to people'),
      role: name.optional().describe('What it is for'),
      env: name.optional().describe('Environment, whatever the rules say'),
    })
    .describe('This machine itself, without SSH'),
  ...timing,
});

/**
 * The kinds of source; the key that names the kind chooses. The name is made unique later.
 * What concerns the API of a cloud may stand beside the kind or inside it; beside goes first.
 */
export const sourceVariants = {
  gce: variant(gce, (_, given) => ({
    ...cloudBase('gce', { ...given.gce, ...given }, given.gce.project),
    kind: 'gce',
    project: given.gce.project,
    zones: given.gce.zones ?? [],
    filter: given.gce.filter ?? null,
  })),
  azure: variant(azure, (_, given) => ({
    ...cloudBase('azure', { ...given.azure, ...given }, given.azure.resourceGroup ?? given.azure.subscription),
    kind: 'azure',
    subscription: given.azure.subscription,
    resourceGroup: given.azure.resourceGroup ?? null,
  })),
  static: variant(staticHosts, (_, given) => ({ ...base('static', given), kind: 'static', hosts: given.static.map(staticHostOf) })),
  local: variant(local, (_, given) => ({
    ...base('local', given),
    kind: 'local',
    hostName: given.local.name,
    role: given.local.role ?? null,
    env: given.local.env ?? null,
  })),
} satisfies Record<string, Variant<Source>>;

const cloudSchema = z.strictObject(cloud);
const timingSchema = z.strictObject(timing);

function base(sourceName: string, given: z.output<typeof timingSchema>) {
  return { name: sourceName, refreshMs: given.refresh ?? 60_000, deadlineMs: given.deadline ?? 20_000 };
}

function cloudBase(kind: 'gce' | 'azure', given: z.output<typeof cloudSchema>, account: Setting) {
  const of = account.kind === 'literal' ? `:${account.value}` : account.kind === 'env' ? `:$${account.name}` : '';
  return {
    ...base(`${kind}${of}`, given),
    endpoint: given.endpoint ?? null,
    ca: given.ca ?? null,
    token: given.token ?? null,
    roles: Object.entries(given.role ?? {}).flatMap(([role, matches]) => matches.map((match) => ({ role, match }))),
    address: given.address ?? ({ kind: 'private' } as const),
    namePattern: given.name ?? null,
  };
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
