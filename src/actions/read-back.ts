import * as z from 'zod';
import type { CloudAccess, CloudDisk, CloudMember, CloudPool, CloudWriteCall } from '../cloud/calls.ts';
import type { JsonValue } from '../journal/entry.ts';
import type { Plan } from './plan.ts';
import { hostLock } from './lock-name.ts';
import type { ActionRequest } from './request.ts';

/**
 * What the journal holds is read back with every field checked: it may come from another version, and a plan read from it leads to
 * questions on a host.
 */
const hostId = z.string();
const requestSchema: z.ZodType<ActionRequest> = z.discriminatedUnion('action', [
  z.object({ action: z.literal('restart'), hostId, service: z.string() }),
  z.object({ action: z.literal('start'), hostId, service: z.string() }),
  z.object({ action: z.literal('drain'), hostId, name: z.string(), mode: z.enum(['stop', 'resume']) }),
  z.object({ action: z.literal('rollback'), hostId, release: z.string(), to: z.string().nullable() }),
  z.object({ action: z.literal('maintenance'), hostId, mode: z.enum(['on', 'off']) }),
  z.object({ action: z.literal('reboot'), hostId }),
  z.object({ action: z.literal('depool'), hostId, pool: z.string(), mode: z.enum(['drain', 'force']) }),
  z.object({ action: z.literal('repool'), hostId, pool: z.string() }),
  z.object({ action: z.literal('backup'), hostId, name: z.string() }),
  z.object({
    action: z.literal('command'),
    hostId,
    step: z.string(),
    title: z.string(),
    command: z.string(),
    timeoutMs: z.number(),
    risk: z.enum(['safe', 'change', 'danger']),
    undo: z.string().nullable(),
  }),
  z.object({ action: z.literal('custom'), hostId, name: z.string(), inputs: z.record(z.string(), z.string()) }),
  z.object({ action: z.literal('custom-undo'), hostId, name: z.string(), inputs: z.record(z.string(), z.string()) }),
]);

const sudoSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('no') }),
  z.object({ kind: z.literal('root') }),
  z.object({ kind: z.literal('user'), user: z.string() }),
]);

const settingSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('literal'), value: z.string() }),
  z.object({ kind: z.literal('env'), name: z.string() }),
  z.object({ kind: z.literal('file'), path: z.string() }),
]);

const accessSchema: z.ZodType<CloudAccess> = z.object({
  provider: z.enum(['gce', 'azure']),
  scope: settingSchema,
  endpoint: z.string().nullable(),
  ca: z.string().nullable(),
  token: settingSchema.nullable(),
});

const poolSchema: z.ZodType<CloudPool> = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('gce-target-pool'), region: z.string(), pool: z.string() }),
  z.object({ kind: z.literal('gce-instance-group'), zone: z.string(), group: z.string(), backendService: z.string().nullable() }),
  z.object({
    kind: z.literal('gce-neg'),
    zone: z.string(),
    neg: z.string(),
    port: z.number().nullable(),
    backendService: z.string().nullable(),
  }),
  z.object({ kind: z.literal('azure-lb'), resourceGroup: z.string(), lb: z.string(), backend: z.string() }),
]);

const memberSchema: z.ZodType<CloudMember> = z.object({ name: z.string(), zone: z.string().nullable(), address: z.string().nullable() });

const diskSchema: z.ZodType<CloudDisk> = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('gce-disk'), zone: z.string(), disk: z.string() }),
  z.object({ kind: z.literal('azure-disk'), resourceGroup: z.string(), disk: z.string() }),
]);

const savedSchema = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]));

const callSchema: z.ZodType<CloudWriteCall> = z.discriminatedUnion('call', [
  z.object({ call: z.literal('pool-out'), pool: poolSchema, member: memberSchema, etag: z.string().nullable() }),
  z.object({ call: z.literal('pool-in'), pool: poolSchema, member: memberSchema, etag: z.string().nullable(), saved: savedSchema }),
  z.object({ call: z.literal('snapshot-create'), disk: diskSchema, name: z.string(), requestId: z.string() }),
  z.object({ call: z.literal('snapshot-delete'), disk: diskSchema, name: z.string() }),
]);

const plannedCloudCallSchema = z.object({ access: accessSchema, call: callSchema });

const healthSchema = z.enum(['ok', 'warn', 'crit', 'unknown', 'maintenance', 'stopped']);

const planSchema: z.ZodType<Plan> = z.object({
  id: z.string(),
  request: requestSchema,
  title: z.string(),
  subject: z.string(),
  env: z.string(),
  danger: z.boolean(),
  risk: z.enum(['safe', 'change', 'danger']),
  targets: z.array(z.object({ hostId, name: z.string(), address: z.string().nullable() })),
  // An intent of an earlier version knows only the lock of its host.
  locks: z.array(z.object({ hostId, hostName: z.string(), lock: z.string(), needed: z.boolean() })).default([]),
  commands: z.array(
    z.object({
      hostId,
      hostName: z.string(),
      purpose: z.enum(['precheck', 'change']),
      command: z.string(),
      bare: z.string(),
      sudo: sudoSchema,
      deadlineMs: z.number(),
      cloud: plannedCloudCallSchema.nullable().default(null),
    }),
  ),
  notes: z.array(z.object({ hostId, key: z.string(), note: z.enum(['write', 'remove']) })).default([]),
  debt: z
    .object({
      kind: z.enum(['pool', 'maintenance', 'drain']),
      fleet: z.string(),
      what: z.string(),
      pool: z.string().nullable(),
      remindMs: z.number().nullable(),
      saved: z.record(z.string(), z.json()),
    })
    .nullable()
    .default(null),
  settles: z.array(z.string()).default([]),
  proofs: z.array(
    z.object({ kind: z.enum(['unit', 'instance', 'port', 'socket', 'check', 'command', 'boot', 'pool', 'copy']), text: z.string() }),
  ),
  now: z.array(z.object({ text: z.string(), health: healthSchema })),
  expected: z.string(),
  warnings: z.array(z.string()),
  others: z.array(z.string()),
  undo: z.string(),
  undoRequest: requestSchema.nullable(),
  undoes: z.string().nullable(),
  confirmation: z.union([
    z.object({ kind: z.literal('key'), word: z.literal('y') }),
    z.object({ kind: z.literal('word'), word: z.string(), what: z.enum(['host name', 'number of hosts', 'sentence']) }),
  ]),
  reasonNeeded: z.string().nullable(),
  approvalNeeded: z.string().nullable(),
  hash: z.string(),
  before: z.record(z.string(), z.json()),
  madeAt: z.number(),
  expiresAt: z.number(),
});

/** A request as the journal holds it; `null` when it is none. */
export function readRequest(value: JsonValue): ActionRequest | null {
  const read = requestSchema.safeParse(value);
  return read.success ? read.data : null;
}

/** A plan as an intent holds it; `null` when it is none. */
export function readPlan(value: JsonValue | undefined): Plan | null {
  const read = planSchema.safeParse(value);
  if (!read.success) return null;
  const plan = read.data;
  if (plan.locks.length > 0) return plan;
  const { hostId } = plan.request;
  return { ...plan, locks: [{ hostId, hostName: plan.targets[0]?.name ?? hostId, lock: hostLock, needed: true }] };
}
