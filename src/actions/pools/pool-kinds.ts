import type { PoolSpec } from '../../fleet/definition.ts';
import { sshOf } from '../../fleet/definition.ts';
import { shq } from '../../remote/quote.ts';
import type { DriverContext } from '../driver.ts';
import { plannedCommand } from '../sudo-command.ts';
import type { PoolChange, PoolKind, PoolTarget } from './pool-kind.ts';

const balancers = (context: DriverContext, target: PoolTarget) =>
  context.world.views().filter((view) => view.host.role !== null && view.host.role === target.spec.options['on']);

function set(context: DriverContext, target: PoolTarget, state: string): PoolChange {
  const { socket, backend } = target.spec.options;
  const commands = balancers(context, target).map((view) =>
    plannedCommand(
      view,
      'change',
      `echo ${shq(`set server ${String(backend)}/${target.member.server ?? ''} state ${state}`)} | nc -U ${String(socket)}`,
      sshOf(context.fleet, view.host.role).sudo,
      10_000,
    ),
  );
  return { kind: 'commands', commands, warnings: [] };
}

const haproxy: PoolKind = {
  hosts: (context, target) => balancers(context, target).map((view) => view.host.id),
  drain: (context, target) => set(context, target, 'drain'),
  force: (context, target) => set(context, target, 'maint'),
  restore: (context, target) => set(context, target, 'ready'),
};

export const poolKinds: Readonly<Record<PoolSpec['kind'], PoolKind>> = {
  'gce-target-pool': haproxy,
  'gce-instance-group': haproxy,
  'gce-neg': haproxy,
  'azure-lb': haproxy,
  haproxy,
  'nginx-upstream': haproxy,
  'health-file': haproxy,
  command: haproxy,
};
