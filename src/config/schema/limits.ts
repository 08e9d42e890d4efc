import * as z from 'zod';
import type { IopsLimit, Limit, Limits } from '../../fleet/definition.ts';
import { type FleetReader, isMap } from '../fleet-reader.ts';
import { unknownKey } from '../issues.ts';
import { valueInWords } from '../visible.ts';
import type { Path } from '../yaml-data.ts';
import { durationOrZero, names, parseDuration, percent, remotePath } from './values.ts';

const plain = z.number().min(0);

const msPhrase = 'must be milliseconds, such as 20 or 20ms';

const milliseconds = z
  .union([z.number().min(0), z.string()], { error: msPhrase })
  .refine((value) => typeof value === 'number' || parseDuration(value) !== null, msPhrase)
  .transform((value) => (typeof value === 'number' ? value : (parseDuration(value) ?? 0)));

function limitSchema(value: typeof percent | typeof milliseconds | typeof plain) {
  return z.strictObject({
    warn: value.nullish().describe('Enter warning at this; null for never'),
    crit: value.nullish().describe('Enter critical at this; null for never'),
    leave: value.optional().describe('Be well again below this; without it as far below `warn`, in proportion, as it usually is'),
    for: durationOrZero.optional().describe('How long before it is an alert'),
  });
}

const iopsLimitSchema = z.strictObject({
  on: names.describe('Role or roles of the NFS servers'),
  disk: remotePath.optional().describe('Mount point of the exported file system'),
  ceiling: z.number().min(1).describe('Operations a second that the disk can do'),
  warn: percent.optional().describe('Share of the ceiling that warns (80%)'),
  crit: percent.nullish().describe('Share of the ceiling that is critical (never)'),
  for: durationOrZero.optional().describe('How long before it is an alert (1m)'),
});

const iopsPhrase = 'must be { on, disk, ceiling, warn } or a list of such';

/** One schema a limit; `nfs_iops` may be one limit or a list, chosen by what the file gives. */
const limitSchemas = {
  cpu: limitSchema(percent).describe('CPU used, per cent (warn 85, crit 95, leave 80, for 1m)'),
  iowait: limitSchema(percent).describe('CPU waiting for disks, per cent (no limit)'),
  steal: limitSchema(percent).describe('CPU taken by the hypervisor, per cent (no limit)'),
  memory: limitSchema(percent).describe('Memory used, per cent (warn 90, crit 97, leave 87, for 1m)'),
  swap: limitSchema(percent).describe('Swap used, per cent (no limit)'),
  disk: limitSchema(percent).describe('Space used, per cent (warn 85, crit 95, leave 84, for 1m)'),
  inodes: limitSchema(percent).describe('Inodes used, per cent (warn 85, crit 95, leave 84, for 1m)'),
  nfs_ms: limitSchema(milliseconds).describe('NFS latency, ms (warn 20, crit 100, leave 15, for 30s)'),
  load: limitSchema(plain).describe('Load average of one minute (no limit)'),
} as const;

export const limitsSchema = z.strictObject({
  ...Object.fromEntries(Object.entries(limitSchemas).map(([name, schema]) => [name, schema.optional()])),
  nfs_iops: z
    .union([iopsLimitSchema, z.array(iopsLimitSchema)], { error: iopsPhrase })
    .optional()
    .describe('NFS operations against what the disk can do'),
});

type LimitName = keyof typeof limitSchemas;
type GivenLimit = z.output<(typeof limitSchemas)[LimitName]>;

const minute = 60_000;

/** What holds when the file says nothing; `null` raises no alert. */
const usualLimits: Readonly<Record<LimitName, Limit | null>> = {
  cpu: { warn: 85, crit: 95, leave: 80, forMs: minute },
  iowait: null,
  steal: null,
  memory: { warn: 90, crit: 97, leave: 87, forMs: minute },
  swap: null,
  disk: { warn: 85, crit: 95, leave: 84, forMs: minute },
  inodes: { warn: 85, crit: 95, leave: 84, forMs: minute },
  nfs_ms: { warn: 20, crit: 100, leave: 15, forMs: 30_000 },
  load: null,
};

const never: Limit = { warn: null, crit: null, leave: null, forMs: minute };

/** A limit of the file over the usual one. A usual number that would contradict a given one is left out. */
function limitOf(given: GivenLimit | undefined, usual: Limit | null): Limit | null {
  if (given === undefined) return usual;
  const under = usual ?? never;
  const warn = pick(given.warn, given.crit != null && under.warn != null && under.warn >= given.crit ? null : under.warn);
  const crit = pick(given.crit, warn !== null && under.crit !== null && under.crit <= warn ? null : under.crit);
  const enter = warn ?? crit;
  const scaled = given.warn == null ? under.leave : leaveOf(given.warn, under);
  const usualLeave = scaled !== null && enter !== null && scaled < enter ? scaled : null;
  return { warn, crit, leave: given.leave ?? usualLeave, forMs: given.for ?? under.forMs };
}

/** Where a limit that the file moved is left: in the usual proportion to where it is entered, in whole numbers where they are big enough. */
function leaveOf(warn: number, usual: Limit): number | null {
  if (usual.warn === null || usual.leave === null) return usual.leave;
  const exact = (usual.leave * warn) / usual.warn;
  const whole = Math.round(exact);
  return warn >= 10 && whole < warn ? whole : Number(exact.toPrecision(3));
}

function pick(given: number | null | undefined, usual: number | null): number | null {
  return given === undefined ? usual : given;
}

function iopsLimitOf(given: z.output<typeof iopsLimitSchema>): IopsLimit {
  return {
    on: given.on,
    disk: given.disk ?? null,
    ceiling: given.ceiling,
    warnPct: given.warn ?? 80,
    critPct: given.crit ?? null,
    forMs: given.for ?? minute,
  };
}

/** All limits of a file; a limit with a fault is the usual one after the reader was told. */
export function readLimits(reader: FleetReader): Limits {
  const section = reader.section('limits') ?? {};
  const given: Partial<Record<LimitName, GivenLimit>> = {};
  if (!isMap(section)) {
    reader.complain(['limits'], 'value', `limits must be a map of limits, not ${valueInWords(section)}.`);
    return limitsOf(given, []);
  }
  for (const [name, value] of Object.entries(section)) {
    if (name === 'nfs_iops') continue;
    const limit = limitNames.find((known) => known === name);
    if (limit === undefined) reader.complaints.push(unknownKey(['limits', name], [...limitNames, 'nfs_iops']));
    else {
      const read = reader.read(limitSchemas[limit], value, ['limits', limit]);
      if (read !== undefined) given[limit] = read;
    }
  }
  return limitsOf(given, readIopsLimits(reader, section['nfs_iops']));
}

const limitNames = ['cpu', 'iowait', 'steal', 'memory', 'swap', 'disk', 'inodes', 'nfs_ms', 'load'] as const satisfies readonly LimitName[];

function readIopsLimits(reader: FleetReader, value: unknown): IopsLimit[] {
  if (value === undefined) return [];
  const items: [unknown, Path][] = Array.isArray(value)
    ? value.map((item, index): [unknown, Path] => [item, ['limits', 'nfs_iops', index]])
    : [[value, ['limits', 'nfs_iops']]];
  return items.flatMap(([item, path]) => {
    const read = reader.read(iopsLimitSchema, item, path);
    return read === undefined ? [] : iopsLimitOf(read);
  });
}

function limitsOf(given: Partial<Record<LimitName, GivenLimit>>, nfsIops: readonly IopsLimit[]): Limits {
  const of = (name: LimitName) => limitOf(given[name], usualLimits[name]);
  return {
    cpu: of('cpu') ?? never,
    iowait: of('iowait'),
    steal: of('steal'),
    memory: of('memory') ?? never,
    swap: of('swap'),
    disk: of('disk') ?? never,
    inodes: of('inodes') ?? never,
    nfsMs: of('nfs_ms') ?? never,
    nfsIops,
    load: of('load'),
  };
}
