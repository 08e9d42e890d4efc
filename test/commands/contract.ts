import * as z from 'zod';

const number = z.number().nullable();
const text = z.string().nullable();

export const reaches = [
  'ok',
  'connecting',
  'refused',
  'timeout',
  'unreachable',
  'auth',
  'host-key',
  'throttled',
  'no-shell',
  'unknown',
] as const;
const health = z.enum(['ok', 'warn', 'crit', 'unknown', 'maintenance', 'stopped']);
const isoTime = z.iso.datetime();

const nfsMount = z.object({
  mount: z.string(),
  server: z.string(),
  iops: number,
  readOps: number,
  writeOps: number,
  metaOps: number,
  readBytes: number,
  writeBytes: number,
  rttMs: number,
  exeMs: number,
  timeouts: number,
  state: z.enum(['ok', 'idle', 'hung', 'unknown']),
});

/** A host of `status --json`, field by field as the command-line contract names them. */
export const hostSchema = z.object({
  id: z.string(),
  name: z.string(),
  role: text,
  env: z.string(),
  zone: text,
  address: text,
  source: z.string(),
  reach: z.enum(reaches),
  health,
  reasons: z.array(z.string()),
  ageMs: number,
  cpu: z.object({ usedPct: number, iowaitPct: number, stealPct: number, load1: number, cores: number }).nullable(),
  memory: z.object({ usedPct: number, availableBytes: number, swapUsedPct: number }).nullable(),
  disks: z.array(z.object({ mount: z.string(), usedPct: number, inodesUsedPct: number })).nullable(),
  nfs: z.object({
    mounts: z.array(nfsMount).nullable(),
    server: z.object({ iops: number, readOps: number, writeOps: number, badCalls: number, threads: number }).nullable(),
  }),
  io: z.object({ iops: number, utilPct: number }).nullable(),
  psi: z.object({ cpu: number, io: number, memory: number }).nullable(),
  services: z.array(
    z.object({
      name: z.string(),
      manager: z.string(),
      state: z.enum(['running', 'starting', 'stopping', 'restarting', 'stopped', 'failed', 'missing', 'unknown']),
      sub: text,
      sinceMs: number,
      restarts: number,
      pid: number,
      result: text,
      health,
      reasons: z.array(z.string()),
    }),
  ),
  checks: z.array(z.object({ name: z.string(), kind: z.string(), ok: z.boolean().nullable(), ms: number, detail: z.string() })),
  pools: z.array(z.object({ name: z.string(), state: z.string() })),
  backups: z.array(z.object({ name: z.string(), ageMs: number, sizeBytes: number, ok: z.boolean().nullable(), sameHost: z.boolean() })),
  version: text,
});

const source = z.object({ name: z.string(), ok: z.boolean(), ageMs: number, error: text });

export const alertSchema = z.object({
  id: z.string(),
  name: z.string(),
  labels: z.record(z.string(), z.string()),
  severity: z.string(),
  host: text,
  what: z.string(),
  since: isoTime,
  cause: text,
  suppressedBy: text,
  ackedBy: text,
  playbooks: z.array(z.string()),
});

export const statusSchema = z.object({
  fleet: z.string(),
  env: text,
  at: isoTime,
  hosts: z.array(hostSchema),
  alerts: z.array(alertSchema),
  sources: z.array(source),
});

export const inventorySchema = z.object({
  fleet: z.string(),
  hosts: z.array(z.looseObject({ name: z.string() })),
  sources: z.array(source),
});

/** A line of `watch --json`. */
export const watchLineSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('sample'), at: isoTime, host: hostSchema }),
  z.object({ type: z.literal('reach'), at: isoTime, host: z.string(), name: z.string(), reach: z.enum(reaches), why: text }),
  z.object({ type: z.literal('check'), at: isoTime, name: z.string(), detail: z.string() }),
  z.object({ type: z.literal('alert'), at: isoTime, change: z.enum(['raised', 'changed', 'cleared']), alert: alertSchema }),
]);

/** `journal tail --json`. */
export const entrySchema = z.object({
  seq: z.number().int(),
  at: isoTime,
  kind: z.string(),
  actionId: text,
  who: z.string(),
  env: text,
  targets: z.array(z.string()),
  command: text,
  outcome: text,
  detail: z.record(z.string(), z.unknown()),
  prev: z.string(),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
});

export const actSchema = z.object({
  plan: z.looseObject({ id: z.string() }).nullable(),
  outcome: z
    .looseObject({
      kind: z.enum(['ok', 'failed', 'unknown', 'refused']),
      summary: z.string().optional(),
      evidence: z.array(z.string()).optional(),
    })
    .nullable(),
});

export type HostJson = z.output<typeof hostSchema>;
export type WatchLine = z.output<typeof watchLineSchema>;
export type EntryJson = z.output<typeof entrySchema>;

/** Text of one JSON value, checked against a schema. */
export function parsed<Schema extends z.ZodType>(schema: Schema, text: string): z.output<Schema> {
  return schema.parse(JSON.parse(text));
}
