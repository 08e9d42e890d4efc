import { sshOf } from '../../../fleet/definition.ts';
import type { HostView } from '../../../fleet/view.ts';
import { fillCommand } from '../../../probe/pools/fill-command.ts';
import type { DriverContext } from '../../driver.ts';
import { plannedCommand } from '../../sudo-command.ts';
import { balancerViews, refusedChange } from '../balancer-views.ts';
import type { PoolChange, PoolKind, PoolTarget } from '../pool-kind.ts';

const deadlineMs = 120_000;

/** Commands of the fleet file, on every host of the role `on`, else on the member itself. What they do is proven by the state command alone. */
export const command: PoolKind = {
  deadlineMs,
  hosts: (context, target) => placesOf(context, target).map((view) => view.host.id),
  drain: (context, target) => run(context, target, 'depool'),
  force: (context, target) => run(context, target, 'depool'),
  restore: (context, target) => run(context, target, 'repool'),
};

function placesOf(context: DriverContext, target: PoolTarget): readonly HostView[] {
  return target.spec.options['on'] === undefined ? [target.view] : balancerViews(context, target.spec);
}

function run(context: DriverContext, target: PoolTarget, which: 'depool' | 'repool'): PoolChange {
  const views = placesOf(context, target);
  if (views.length === 0) return refusedChange(`no host has the role ${String(target.spec.options['on'])}, on which its commands run`);
  const filled = fillCommand(String(target.spec.options[which]), target.view.host);
  if (!filled.ok) return refusedChange(`pools.${target.spec.name}.${which}: ${filled.why}`);
  return {
    kind: 'commands',
    commands: views.map((view) => plannedCommand(view, 'change', filled.command, sshOf(context.fleet, view.host.role).sudo, deadlineMs)),
    warnings: [],
  };
}
