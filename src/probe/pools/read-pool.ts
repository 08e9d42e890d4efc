import type { PoolSpec } from '../../fleet/definition.ts';
import { sanitizeLine } from '../../remote/sanitize.ts';
import { cloudPool } from './cloud-pool.ts';
import { command } from './command.ts';
import { haproxy } from './haproxy.ts';
import { healthFile } from './health-file.ts';
import { nginxUpstream } from './nginx-upstream.ts';
import type { PoolReader, PoolReading, ReadContext } from './reader.ts';
import { unread } from './seen.ts';

/** Reads a pool by its kind; never rejects. */
export async function readPool(pool: PoolSpec, context: ReadContext): Promise<PoolReading> {
  try {
    return await readers[pool.kind](pool, context);
  } catch (error) {
    return unread(pool, context, sanitizeLine(error instanceof Error ? error.message : 'it could not be read'));
  }
}

const readers: Readonly<Record<PoolSpec['kind'], PoolReader>> = {
  'gce-target-pool': cloudPool,
  'gce-instance-group': cloudPool,
  'gce-neg': cloudPool,
  'azure-lb': cloudPool,
  haproxy,
  'nginx-upstream': nginxUpstream,
  'health-file': healthFile,
  command,
};
