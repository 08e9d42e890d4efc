import type { Console } from '../console.ts';
import { offerBackups, planBackup, whyNoBackup, whyNotBackup } from '../backup-flow.ts';
import { offerPools, whyNoPool } from '../pool-flow.ts';
import { aboutHost, type Binding, binding } from './binding.ts';

/** Leaving and rejoining the load balancer, and backups. */
export const pooling: readonly Binding[] = [
  binding({
    id: 'depool',
    keys: ['d'],
    label: 'depool',
    description: 'Take the host, or all marked hosts, out of a pool: drained, one at a time. Plan first',
    group: 'change',
    screens: aboutHost,
    dangerous: true,
    footer: 4,
    aboutHost: true,
    disabled: whyNoPool,
    run: (s) => offerPools(s, 'depool'),
  }),
  binding({
    id: 'repool',
    keys: ['D'],
    label: 'repool',
    description: 'Put the host, or all marked hosts, back into a pool once healthy. Plan first',
    group: 'change',
    screens: aboutHost,
    dangerous: true,
    footer: 5,
    aboutHost: true,
    disabled: whyNoPool,
    run: (s) => offerPools(s, 'repool'),
  }),
  binding({
    id: 'backup',
    keys: ['b'],
    label: 'backup',
    description: 'Make a backup of the host, or of all marked hosts: first the list, then a plan',
    group: 'change',
    screens: [...aboutHost.filter((kind) => kind !== 'pools'), 'backups'],
    dangerous: true,
    footer: 5,
    aboutHost: true,
    disabled: whyNoBackup,
    run: offerBackups,
  }),
];

/** The chords `b …` of the fleet file, each a plan for that backup of the host under the cursor. */
export function backupChords(backupKeys: Console['backupKeys']): Binding[] {
  return [...backupKeys].map(([name, key]) =>
    binding({
      id: `backup-${name}`,
      keys: [`b ${key}`],
      label: name,
      description: `Plan the backup ${name} of the host`,
      group: 'change',
      screens: aboutHost.filter((kind) => kind !== 'pools'),
      dangerous: true,
      aboutHost: true,
      disabled: (s) => whyNotBackup(s, name),
      run: (s) => planBackup(s, name),
    }),
  );
}
