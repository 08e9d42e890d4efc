import * as z from 'zod';
import { sanitizeLine } from '../remote/sanitize.ts';
import type { CloudAnswers, CloudCall, CloudError, CloudHost } from './calls.ts';

/** Text from a cloud: made safe for the terminal before anything keeps it. GCE's longest names have 63 characters, Azure's 90. */
const text = (max: number) => z.string().transform((value) => sanitizeLine(value, max));
const name = text(300);
const sentence = text(500);

/** GCE allows 64 labels, Azure 50 tags of at most 512 + 256 characters. */
const labels = z
  .record(z.string(), z.string())
  .transform((given) =>
    Object.fromEntries(Object.entries(given).map(([key, value]) => [sanitizeLine(key, 512), sanitizeLine(value, 512)])),
  );

/** A host as a child process, or the file of the last good list, gives it: every text sanitized. */
export const cloudHostSchema: z.ZodType<CloudHost> = z.object({
  id: name,
  name,
  zone: name.nullable(),
  resourceGroup: name.nullable(),
  state: z.enum(['provisioning', 'running', 'stopping', 'stopped', 'unknown']),
  privateAddress: name.nullable(),
  publicAddress: name.nullable(),
  labels,
  tags: z.array(name).max(256),
});

const errorSchema: z.ZodType<CloudError> = z.object({
  kind: z.enum(['credentials', 'permission', 'rate', 'not-found', 'conflict', 'endpoint', 'deadline', 'broken', 'other']),
  message: sentence,
  uncertain: z.boolean(),
});

const id = z.int().nonnegative();

/** One line of a child's standard output. `value` is checked by the schema of the call that it answers. */
export const answerLineSchema = z.union([
  z.strictObject({ id, host: cloudHostSchema }),
  z.strictObject({ id, error: errorSchema }),
  z.strictObject({ id, value: z.unknown() }),
]);

const poolSchema: z.ZodType<CloudAnswers['pool']> = z.object({
  members: z.array(
    z.object({
      name,
      zone: name.nullable(),
      address: name.nullable(),
      state: z.enum(['in', 'draining', 'out', 'unknown']),
      health: z.enum(['up', 'down', 'unknown']),
      text: sentence.nullable(),
      saved: z.record(name, z.union([text(2000), z.number(), z.boolean(), z.null()])),
    }),
  ),
  refusal: sentence.nullable(),
  // Sent back as it came; a strange one is not shown but must not be changed.
  etag: z.string().max(1000).nullable(),
  warnings: z.array(sentence).max(100),
});

const snapshotsSchema: z.ZodType<CloudAnswers['snapshots']> = z.object({
  snapshots: z.array(
    z.object({
      name,
      at: z.number(),
      state: z.enum(['creating', 'ready', 'failed', 'deleting', 'unknown']),
      bytes: z.number().nonnegative().nullable(),
      pct: z.number().min(0).max(100).nullable(),
    }),
  ),
});

/** What ends each call; the hosts themselves came before, a line each. */
type Ends = { readonly [Name in CloudCall['call']]: Name extends 'hosts' ? Pick<CloudAnswers['hosts'], 'missing'> : CloudAnswers[Name] };

export const endSchemas: { readonly [Name in CloudCall['call']]: z.ZodType<Ends[Name]> } = {
  hosts: z.object({ missing: z.array(name).max(1000) }),
  pool: poolSchema,
  snapshots: snapshotsSchema,
  'pool-out': z.object({ changed: z.boolean() }),
  'pool-in': z.object({ changed: z.boolean() }),
  'snapshot-create': z.object({ name }),
  'snapshot-delete': z.object({ name }),
};
