import * as z from 'zod';
import type { CloudCall } from './calls.ts';

const maybe = z.string().nullable();

const pool = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('gce-target-pool'), region: z.string(), pool: z.string() }),
  z.object({ kind: z.literal('gce-instance-group'), zone: z.string(), group: z.string(), backendService: maybe }),
  z.object({ kind: z.literal('gce-neg'), zone: z.string(), neg: z.string(), port: z.number().nullable(), backendService: maybe }),
  z.object({ kind: z.literal('azure-lb'), resourceGroup: z.string(), lb: z.string(), backend: z.string() }),
]);
const member = z.object({ name: z.string(), zone: maybe, address: maybe });
const saved = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]));
const disk = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('gce-disk'), zone: z.string(), disk: z.string() }),
  z.object({ kind: z.literal('azure-disk'), resourceGroup: z.string(), disk: z.string() }),
]);

const call: z.ZodType<CloudCall> = z.discriminatedUnion('call', [
  z.object({ call: z.literal('hosts'), zones: z.array(z.string()), filter: maybe, resourceGroup: maybe }),
  z.object({ call: z.literal('pool'), pool }),
  z.object({ call: z.literal('snapshots'), disk }),
  z.object({ call: z.literal('pool-out'), pool, member, etag: maybe }),
  z.object({ call: z.literal('pool-in'), pool, member, etag: maybe, saved }),
  z.object({ call: z.literal('snapshot-create'), disk, name: z.string(), requestId: z.string() }),
  z.object({ call: z.literal('snapshot-delete'), disk, name: z.string() }),
]);

/** What a child needs beside the call, settings resolved. */
export const sessionSchema = z.object({
  provider: z.enum(['gce', 'azure']),
  scope: z.string(),
  endpoint: maybe,
  ca: maybe,
  token: maybe,
});

/** One line of a child's standard input. It holds the bearer token, which therefore stands neither in argv nor in the environment. */
export const requestLineSchema = z.object({
  id: z.number(),
  /** How long the child may take, ms from reading the line. */
  forMs: z.number(),
  session: sessionSchema,
  call,
});

export type RequestLine = z.output<typeof requestLineSchema>;
