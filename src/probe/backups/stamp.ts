import * as z from 'zod';
import type { BackupArtifact } from '../../fleet/backup.ts';
import { sanitizeLine } from '../../remote/sanitize.ts';

const count = z.number().int().nonnegative();

/** A record that a backup leaves beside its copy: `.done` after its verification, `.failed` otherwise. Times are epoch seconds by the host. */
const stampSchema = z.object({
  artifact: z.string(),
  start: count,
  end: count,
  bytes: count.nullable(),
  verified: z.boolean().nullable(),
  why: z.string(),
});

export type Stamp = z.output<typeof stampSchema>;

/** A record's line of JSON; `null` when it is none. */
export function readStamp(line: string): Stamp | null {
  let data: unknown;
  try {
    data = JSON.parse(line);
  } catch {
    return null;
  }
  const read = stampSchema.safeParse(data);
  if (!read.success) return null;
  return { ...read.data, artifact: sanitizeLine(read.data.artifact, 200), why: sanitizeLine(read.data.why, 300) };
}

/** The record of the run itself among what a backup's script printed; `null` when it is not there. */
export function stampIn(output: string): Stamp | null {
  const line = output.split('\n').findLast((each) => each.startsWith('#backup '));
  return line === undefined ? null : readStamp(line.slice('#backup '.length));
}

/** @param skewMs how far the host's clock is ahead of ours. */
export function artifactOf(stamp: Stamp, skewMs: number): BackupArtifact {
  return {
    name: stamp.artifact,
    at: stamp.end * 1000 - skewMs,
    bytes: stamp.bytes,
    tookMs: Math.max(0, stamp.end - stamp.start) * 1000,
    verified: stamp.verified,
  };
}
