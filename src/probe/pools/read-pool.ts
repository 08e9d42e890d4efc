import type { PoolSpec } from '../../fleet/definition.ts';
import type { PoolReader, PoolReading, ReadContext } from './reader.ts';

/** Reads a pool by its kind; never rejects. */
export async function readPool(pool: PoolSpec, context: ReadContext): Promise<PoolReading> {
  const reader = readers[pool.kind];
  if (reader === undefined) return { members: [], warnings: [], error: `pools of kind ${pool.kind} cannot be read yet` };
  return reader(pool, context);
}

const readers: Readonly<Partial<Record<PoolSpec['kind'], PoolReader>>> = {};
