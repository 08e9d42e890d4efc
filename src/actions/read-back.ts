import * as z from 'zod';
import type { JsonValue } from '../journal/entry.ts';
import type { Plan } from './plan.ts';
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
  z.object({ action: z.literal('custom'), hostId, name: z.string(), inputs: z.record(z.string(), z.string()) }),
  z.object({ action: z.literal('custom-undo'), hostId, name: z.string(), inputs: z.record(z.string(), z.string()) }),
]);

const sudoSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('no') }),
  z.object({ kind: z.literal('root') }),
  z.object({ kind: z.literal('user'), user: z.string() }),
]);

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
  commands: z.array(
    z.object({
      hostId,
      hostName: z.string(),
      purpose: z.enum(['precheck', 'change']),
      command: z.string(),
      bare: z.string(),
      sudo: sudoSchema,
      deadlineMs: z.number(),
    }),
  ),
  proofs: z.array(z.object({ kind: z.enum(['unit', 'instance', 'port', 'socket', 'check', 'command', 'boot']), text: z.string() })),
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
  return read.success ? read.data : null;
}
