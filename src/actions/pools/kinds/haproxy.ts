import { sshOf } from '../../../fleet/definition.ts';
import type { PoolMember } from '../../../fleet/pool.ts';
import type { HostView } from '../../../fleet/view.ts';
import { haproxyAsk, haproxyName } from '../../../probe/pools/haproxy-script.ts';
import { savedKey } from '../../../probe/pools/seen.ts';
import { shq } from '../../../remote/quote.ts';
import { visibleName } from '../../../remote/sanitize.ts';
import type { DriverContext } from '../../driver.ts';
import type { PlannedCommand } from '../../plan.ts';
import { plannedCommand } from '../../sudo-command.ts';
import { balancerViews, refusedChange } from '../balancer-views.ts';
import type { PoolChange, PoolKind, PoolTarget } from '../pool-kind.ts';

const deadlineMs = 30_000;

const cookies = 'clients that a cookie binds to it still come while it drains; force (maint) sends them elsewhere';

/** Servers of a HAProxy backend, changed through the runtime socket of every balancer. */
export const haproxy: PoolKind = {
  deadlineMs,
  hosts: (context, { spec }) => balancerViews(context, spec).map((view) => view.host.id),
  drain: (context, target) => change(context, target, [cookies], ({ server }) => [`set server ${server} state drain`]),
  force: (context, target) =>
    change(context, target, [`connections to ${visibleName(target.view.host.name)} are cut off`], ({ server }) => [
      `set server ${server} state maint`,
      `shutdown sessions server ${server}`,
    ]),
  restore: (context, target, saved) =>
    change(context, target, [], ({ server, view }) => {
      const admin = saved[savedKey('admin', view.host.id)];
      const weight = saved[savedKey('weight', view.host.id)];
      const now = target.member.saved[savedKey('weight', view.host.id)];
      return [
        // The weight first: the first request after `ready` is to find it.
        ...(typeof weight === 'number' && weight !== now ? [`set server ${server} weight ${weight}`] : []),
        `set server ${server} state ${admin === 'drain' || admin === 'maint' ? admin : 'ready'}`,
      ];
    }),
};

/** One command a balancer; refused as a whole when one of them does not list the member: half a pool changed is worse than none. */
function change(
  context: DriverContext,
  target: PoolTarget,
  warnings: readonly string[],
  lines: (of: { readonly server: string; readonly view: HostView }) => readonly string[],
): PoolChange {
  const views = balancerViews(context, target.spec);
  if (views.length === 0) return refusedChange(`no host has the role ${String(target.spec.options['on'])}, on which the pool lies`);
  const commands: PlannedCommand[] = [];
  for (const view of views) {
    const command = commandOn(context, target, view, lines);
    if (typeof command === 'string') return refusedChange(command);
    commands.push(command);
  }
  return { kind: 'commands', commands, warnings };
}

function commandOn(
  context: DriverContext,
  target: PoolTarget,
  view: HostView,
  lines: (of: { readonly server: string; readonly view: HostView }) => readonly string[],
): PlannedCommand | string {
  const where = visibleName(view.host.name);
  const { backend, socket } = target.spec.options;
  const name = target.member.saved[savedKey('server', view.host.id)];
  if (typeof name !== 'string' || !haproxyName.test(name)) {
    return `HAProxy on ${where} was not read, or does not list ${visibleName(target.view.host.name)}: ${target.member.text ?? 'unknown'}`;
  }
  if (typeof backend !== 'string' || !haproxyName.test(backend))
    return `pools.${target.spec.name} names no backend that HAProxy could have`;
  const sent = lines({ server: `${backend}/${name}`, view });
  const ask = haproxyAsk(socket, sent.join('; '));
  if (ask === null) return `pools.${target.spec.name} names no socket that HAProxy could have`;
  const script = `${ask}
tell() {
q_said=$(ask "$1") || { printf '%s could not be sent to HAProxy\\n' "$1" >&2; exit 1; }
[ -z "$q_said" ] || { printf 'HAProxy answered %s: %s\\n' "$1" "$q_said" >&2; exit 1; }
}
ask 'show info' | grep -q '^Pid:' || { printf 'HAProxy does not answer on %s\\n' "$S" >&2; exit 1; }
${sent.map((line) => `tell ${shq(line)}`).join('\n')}${keepStates(target.member.saved, view, backend)}`;
  return plannedCommand(view, 'change', script, sshOf(context.fleet, view.host.role).sudo, deadlineMs);
}

/** Writes the states where a reload finds them again. The change itself is done by then: a file that cannot be written is said, no error. */
function keepStates(saved: PoolMember['saved'], view: HostView, backend: string): string {
  const path = saved[savedKey('state file', view.host.id)];
  if (typeof path !== 'string' || !/^\/[A-Za-z0-9_./@+-]+$/.test(path)) return '';
  const states = saved[savedKey('state of', view.host.id)] === 'backend' ? `show servers state ${backend}` : 'show servers state';
  return `
F=${path}
N=$F.quarterdeck
{ [ ! -e "$F" ] || cp -p -- "$F" "$N"; } && ask '${states}' >"$N" && grep -q '^# be_id' "$N" && mv -- "$N" "$F" || { rm -f -- "$N"; printf 'the states could not be kept in %s: a reload of haproxy forgets them\\n' "$F"; }`;
}
