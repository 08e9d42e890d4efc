import * as z from 'zod';
import type { CloudCall, CloudDisk, CloudMember, CloudPool, CloudWriteCall } from './calls.ts';

const maybe = z.string().nullable();

const poolSchema: z.ZodType<CloudPool> = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('gce-target-pool'), region: z.string(), pool: z.string() }),
  z.object({ kind: z.literal('gce-instance-group'), zone: z.string(), group: z.string(), backendService: maybe }),
  z.object({ kind: z.literal('gce-neg'), zone: z.string(), neg: z.string(), port: z.number().nullable(), backendService: maybe }),
  z.object({ kind: z.literal('azure-lb'), resourceGroup: z.string(), lb: z.string(), backend: z.string() }),
]);
const memberSchema: z.ZodType<CloudMember> = z.object({ name: z.string(), zone: maybe, address: maybe });
const savedSchema = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]));
const diskSchema: z.ZodType<CloudDisk> = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('gce-disk'), zone: z.string(), disk: z.string() }),
  z.object({ kind: z.literal('azure-disk'), resourceGroup: z.string(), disk: z.string() }),
]);

const writeCalls = [
  z.object({ call: z.literal('pool-out'), pool: poolSchema, member: memberSchema, etag: maybe }),
  z.object({ call: z.literal('pool-in'), pool: poolSchema, member: memberSchema, etag: maybe, saved: savedSchema }),
  z.object({ call: z.literal('snapshot-create'), disk: diskSchema, name: z.string(), requestId: z.string() }),
  z.object({ call: z.literal('snapshot-delete'), disk: diskSchema, name: z.string() }),
] as const;

/** A change to a cloud as a plan in the journal holds it. */
export const cloudWriteCallSchema: z.ZodType<CloudWriteCall> = z.discriminatedUnion('call', writeCalls);

const callSchema: z.ZodType<CloudCall> = z.discriminatedUnion('call', [
  z.object({ call: z.literal('hosts'), zones: z.array(z.string()), filter: maybe, resourceGroup: maybe }),
  z.object({ call: z.literal('pool'), pool: poolSchema }),
  z.object({ call: z.literal('snapshots'), disk: diskSchema }),
  ...writeCalls,
]);

/** What a child needs beside the call, settings resolved. */
const sessionSchema = z.object({
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
  call: callSchema,
});

export type RequestLine = z.output<typeof requestLineSchema>;
