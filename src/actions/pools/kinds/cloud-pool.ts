import type { CloudMember, CloudPool, CloudWriteCall } from '../../../cloud/calls.ts';
import type { PoolMember } from '../../../fleet/pool.ts';
import { cloudPoolOf, ownSaved } from '../../../probe/pools/cloud-pool.ts';
import { visibleName } from '../../../remote/sanitize.ts';
import type { DriverContext } from '../../driver.ts';
import { refusedChange } from '../balancer-views.ts';
import type { PoolChange, PoolKind, PoolTarget } from '../pool-kind.ts';

/** A cloud's operation may take some minutes until it is DONE. */
const deadlineMs = 300_000;

/** A pool in a cloud: membership is changed through its API; nothing is run on any host. */
export const cloudPool: PoolKind = {
  deadlineMs,
  hosts: () => [],
  drain: out,
  force: out,
  restore: (context, target, saved) => {
    const back = Object.fromEntries(Object.entries(saved).filter(([key]) => !ownKeys.has(key)));
    return change(context, target, saved, 'back', (pool, member, etag) => ({ call: 'pool-in', pool, member, etag, saved: back }));
  },
};

const ownKeys: ReadonlySet<string> = new Set(Object.values(ownSaved));

function out(context: DriverContext, target: PoolTarget): PoolChange {
  return change(context, target, target.member.saved, 'out', (pool, member, etag) => ({ call: 'pool-out', pool, member, etag }));
}

function change(
  context: DriverContext,
  target: PoolTarget,
  known: PoolMember['saved'],
  direction: 'out' | 'back',
  call: (pool: CloudPool, member: CloudMember, etag: string | null) => CloudWriteCall,
): PoolChange {
  const { spec, member, view } = target;
  const refusal = member.saved[ownSaved.refusal];
  if (typeof refusal === 'string') return refusedChange(refusal);
  if (member.state === 'unknown')
    return refusedChange(`pool ${spec.name} was not read, or it is not clear which member ${visibleName(view.host.name)} is`);
  const place = cloudPoolOf(context.fleet, spec);
  if (!place.ok) return refusedChange(place.why);
  // As the cloud knows it; a host of another source may have another name there.
  const named: CloudMember = {
    name: textOf(known[ownSaved.name]) ?? view.host.name,
    zone: textOf(known[ownSaved.zone]) ?? view.host.zone,
    address: textOf(known[ownSaved.address]) ?? view.host.address,
  };
  // The version just read, not the one from when it was taken out: the pool is to be as this plan saw it.
  const etag = textOf(member.saved[ownSaved.etag]);
  const zone = named.zone === null ? '' : ` (${visibleName(named.zone)})`;
  const [verb, preposition] = direction === 'out' ? ['take', 'out of'] : ['put', 'back into'];
  const said = `${verb} ${visibleName(named.name)}${zone} ${preposition} ${poolWords(place.pool)}`;
  return {
    kind: 'commands',
    commands: [
      {
        hostId: view.host.id,
        hostName: view.host.name,
        purpose: 'change',
        command: said,
        bare: said,
        sudo: { kind: 'no' },
        deadlineMs,
        cloud: { access: place.access, call: call(place.pool, named, etag) },
      },
    ],
    warnings: [],
  };
}

function poolWords(pool: CloudPool): string {
  switch (pool.kind) {
    case 'gce-target-pool':
      return `target pool ${pool.pool} in ${pool.region}`;
    case 'gce-instance-group':
      return `instance group ${pool.group} in ${pool.zone}`;
    case 'gce-neg':
      return `endpoint group ${pool.neg} in ${pool.zone}`;
    case 'azure-lb':
      return `backend pool ${pool.backend} of load balancer ${pool.lb} in ${pool.resourceGroup}`;
  }
}

function textOf(value: string | number | boolean | null | undefined): string | null {
  return typeof value === 'string' ? value : null;
}
