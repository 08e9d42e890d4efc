import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse, stringify } from 'yaml';
import * as z from 'zod';
import type { Lab } from './lab.ts';

const shipped = fileURLToPath(new URL('../../', import.meta.url));
/** Pages of Pencil Code that a fault of its data leads to. */
const pages = ['web-node-pencils-down', 'nfs-data-unreachable', 'nfs-slow', 'disk-full'];

const labSchema = z.looseObject({
  limits: z.looseObject({}),
  checks: z.looseObject({}),
  pools: z.object({ edge: z.looseObject({}) }),
});
const pencilcodeSchema = z.object({
  limits: z.object({ nfs_iops: z.unknown() }),
  checks: z.object({ exported: z.looseObject({}), 'nfs-threads': z.looseObject({}) }),
});

/**
 * The lab's fleet file with what Pencil Code's says of NFS, and with its own playbooks, both word for word but for what is allowed to
 * last; checks are asked more often.
 * Returns the fleet file's path.
 */
export function nfsFleet(lab: Lab): string {
  const folder = join(lab.record.folder, 'playbooks');
  mkdirSync(folder, { mode: 0o700 });
  for (const page of pages) {
    const text = readFileSync(join(shipped, 'playbooks', 'pencilcode', `${page}.yaml`), 'utf8');
    // A translated processor is slower than any limit of theirs.
    writeFileSync(join(folder, `${page}.yaml`), text.replaceAll('value < 20\n', 'value < 2000\n'), { mode: 0o600 });
  }
  const { limits, checks, pools, ...rest } = labSchema.parse(parse(readFileSync(lab.fleetFile, 'utf8')));
  const pencilcode = pencilcodeSchema.parse(parse(readFileSync(join(shipped, 'config', 'pencilcode.yaml'), 'utf8')));
  const often = { every: '4s' };
  const file = join(lab.record.folder, 'nfs.yaml');
  const fleet = {
    ...rest,
    // A translated processor takes its time to log in.
    poll: { every: '3s', deadline: '20s', stale: '25s' },
    limits: { ...limits, ...pencilcode.limits, nfs_ms: { warn: 1000, crit: 5000, for: '30s' } },
    checks: {
      ...checks,
      exported: { ...pencilcode.checks.exported, ...often },
      'nfs-threads': { ...pencilcode.checks['nfs-threads'], ...often },
    },
    pools: { web: { ...pools.edge, drain: { until: 'connections', ports: [80, 443], atMost: 5, timeout: '30s' } } },
    backups: { snapshot: { on: 'nfs', kind: 'rsync', from: '/data/', to: '/backup/manual/', sentinel: '/data/.mounted', max_age: '26h' } },
    playbooks: folder,
  };
  writeFileSync(file, stringify(fleet), { mode: 0o600 });
  return file;
}
