import { createCloud } from '../cloud/create-cloud.ts';
import { formatDuration } from '../fleet/duration.ts';
import { createProviders } from '../inventory/create-providers.ts';
import { Inventory } from '../inventory/inventory.ts';
import type { GlobalOptions } from './global-options.ts';
import { openFleet } from './open-fleet.ts';
import { usableStateDir } from './open-state-dir.ts';
import { sourceJson } from './status-json.ts';
import { textTable } from './text-table.ts';

/** Lists the hosts of every source; exit 3 when a source failed or was incomplete, else 0. */
export async function inventory(options: GlobalOptions, json: boolean): Promise<number> {
  const opened = await openFleet(options, null);
  const cloud = createCloud();
  try {
    if (opened.said !== null) process.stderr.write(`${opened.said}\n`);
    const stateDir = opened.demo === null ? usableStateDir(options) : null;
    const all = new Inventory(createProviders(opened.fleet, { cloud, stateDir }), Date.now);
    await all.refreshAll();
    const now = Date.now();
    const hosts = all.hosts().filter((host) => options.env === null || host.env === options.env);
    const sources = all.sources();
    all.stop();
    if (json) {
      process.stdout.write(
        `${JSON.stringify({ fleet: opened.fleet.name, at: new Date(now).toISOString(), hosts, sources: sources.map((source) => sourceJson(source, now)) }, null, 2)}\n`,
      );
    } else {
      const rows = hosts.map((host) => [
        host.name,
        host.role ?? '–',
        host.env,
        host.zone ?? '–',
        host.address ?? '–',
        host.source,
        host.cloudState ?? '–',
      ]);
      for (const line of textTable(['HOST', 'ROLE', 'ENV', 'ZONE', 'ADDRESS', 'SOURCE', 'CLOUD'], rows)) process.stdout.write(`${line}\n`);
      for (const source of sources) {
        const age = source.listedAt === null ? 'never listed' : `${source.hosts} hosts, ${formatDuration(now - source.listedAt)} old`;
        const missing = source.missing.length === 0 ? '' : `; not listed: ${source.missing.join(', ')}`;
        process.stdout.write(
          `${source.ok ? '●' : '?'} ${source.name}: ${age}${source.error === null ? '' : `; ${source.error}`}${missing}\n`,
        );
      }
    }
    return sources.every((source) => source.ok && source.missing.length === 0) ? 0 : 3;
  } finally {
    await cloud.close();
    await opened.demo?.stop();
  }
}
