import { sshOf } from '../../../fleet/definition.ts';
import type { HostView } from '../../../fleet/view.ts';
import { hostFile } from '../../../probe/pools/host-file.ts';
import { savedKey } from '../../../probe/pools/seen.ts';
import { shq } from '../../../remote/quote.ts';
import { sanitizeLine, visibleName } from '../../../remote/sanitize.ts';
import type { DriverContext } from '../../driver.ts';
import type { PlannedCommand } from '../../plan.ts';
import { plannedCommand } from '../../sudo-command.ts';
import { balancerViews, refusedChange } from '../balancer-views.ts';
import type { PoolChange, PoolKind, PoolTarget } from '../pool-kind.ts';

const deadlineMs = 60_000;

const untested = 'nginx is asked to reload: whatever else was changed in its configuration comes into force too';

/** Servers of an nginx upstream: `down` on the member's own line, tested, then a reload. Requests under way end in the old workers. */
export const nginxUpstream: PoolKind = {
  deadlineMs,
  hosts: (context, { spec }) => balancerViews(context, spec).map((view) => view.host.id),
  drain: (context, target) => change(context, target, () => true),
  // Ending an old worker would cut off what it does for every other member.
  force: (context, target) => change(context, target, () => true),
  restore: (context, target, saved) => change(context, target, (view) => saved[savedKey('down', view.host.id)] === true),
};

/** One edit a balancer whose line is not yet so. */
function change(context: DriverContext, target: PoolTarget, down: (view: HostView) => boolean): PoolChange {
  const views = balancerViews(context, target.spec);
  if (views.length === 0) return refusedChange(`no host has the role ${String(target.spec.options['on'])}, on which the pool lies`);
  const commands: PlannedCommand[] = [];
  for (const view of views) {
    const some = commandsOn(context, target, view, down(view));
    if (typeof some === 'string') return refusedChange(some);
    commands.push(...some);
  }
  const order = [...commands.filter(({ purpose }) => purpose === 'precheck'), ...commands.filter(({ purpose }) => purpose === 'change')];
  return { kind: 'commands', commands: order, warnings: [untested] };
}

function commandsOn(context: DriverContext, target: PoolTarget, view: HostView, down: boolean): readonly PlannedCommand[] | string {
  const where = visibleName(view.host.name);
  const { saved } = target.member;
  const of = (key: string): string | number | boolean | null => saved[savedKey(key, view.host.id)] ?? null;
  const [line, text, turned] = [of('line'), of('text'), of('turned')];
  if (typeof line !== 'number' || typeof text !== 'string') {
    return `nginx on ${where} was not read, or does not list ${visibleName(target.view.host.name)}: ${target.member.text ?? 'unknown'}`;
  }
  const file = hostFile(target.spec.options['file']);
  if (file === null) return `pools.${target.spec.name} names no file that could be one`;
  const { sudo } = sshOf(context.fleet, view.host.role);
  if ((of('down') === true) === down) return [plannedCommand(view, 'change', reloadOnly, sudo, deadlineMs)];
  if (typeof turned !== 'string') {
    return `line ${line} of ${String(target.spec.options['file'])} on ${where} holds more than one plain server statement, or bytes that cannot be shown; change it by hand`;
  }
  const purpose = `line ${line} of ${String(target.spec.options['file'])} becomes ${turned.trim()}`;
  return [
    plannedCommand(view, 'precheck', 'nginx -t', sudo, deadlineMs),
    plannedCommand(view, 'change', edit(file, purpose, { line, text, turned, openEnd: of('open end') === true }), sudo, deadlineMs),
  ];
}

/**
 * Shell text of `reload`: fails unless a master has replaced all its workers within ten seconds. `nginx -s reload` only sends a signal,
 * and a master that cannot take the new configuration goes on with the old one. Where no worker can be seen nothing is waited for.
 */
const reload = `PATH=$PATH:/usr/sbin:/sbin
workers() {
for d in $(pgrep -x nginx 2>/dev/null || grep -lx nginx /proc/[0-9]*/comm 2>/dev/null | sed 's,^/proc/,,; s,/comm$,,'); do
d=/proc/$d
case $(tr '\\0' ' ' <"$d/cmdline" 2>/dev/null) in 'nginx: worker process is'*) ;; 'nginx: worker process'*) printf '%s:%s ' "$(sed 's/^.*) //' "$d/stat" 2>/dev/null | cut -d' ' -f2)" "\${d#/proc/}" ;; esac
done
}
replaced() {
q_now=$(workers)
for m in $(printf '%s\\n' $q_now | sed 's/:.*//' | sort -u); do
q_new=1
for w in $q_now; do case $w in "$m":*) case " $q_before" in *" $w "*) q_new= ;; esac ;; esac; done
[ -n "$q_new" ] && return 0
done
return 1
}
reload() {
q_before=$(workers)
nginx -s reload || return 1
[ -n "$q_before" ] || return 0
q_end=$(($(date +%s) + 10))
until replaced; do
[ "$(date +%s)" -lt "$q_end" ] || { printf 'nginx goes on with the configuration it had; its error log says why\\n'; return 1; }
sleep 0.1 2>/dev/null || sleep 1
done
}`;

/** The line is as it is to be; whether nginx runs with it is not known for certain. */
const reloadOnly = `# quarterdeck pool nginx-upstream: reload
${reload}
nginx -t && reload`;

interface Edit {
  readonly line: number;
  readonly text: string;
  readonly turned: string;
  readonly openEnd: boolean;
}

/**
 * Puts one line in place of another; head and tail copy the other bytes as they are. The copies' names begin with a dot, so that
 * `include folder/*` takes no notice of them. What nginx refuses, what is cut off half-way, and what the
 * running nginx does not take, is put back.
 */
function edit(file: string, purpose: string, { line, text, turned, openEnd }: Edit): string {
  return `# quarterdeck pool nginx-upstream: ${sanitizeLine(purpose, 200)}
LC_ALL=C; export LC_ALL
${reload}
F=$(readlink -f -- ${file}) && [ -f "$F" ] || { printf 'the file is gone\\n' >&2; exit 1; }
OLD=$(dirname -- "$F")/.$(basename -- "$F").quarterdeck-old
NEW=$(dirname -- "$F")/.$(basename -- "$F").quarterdeck-new
[ "$(sed -n ${line}p "$F")" = ${shq(text)} ] || { printf 'line ${line} of %s is no longer what was read; nothing was changed\\n' "$F" >&2; exit 1; }
[ ! -e "$OLD" ] || { printf 'a change of this file was cut off before: compare %s with it, then remove it\\n' "$OLD" >&2; exit 1; }
back() { mv -f -- "$OLD" "$F"; rm -f -- "$NEW"; }
cp -p -- "$F" "$OLD" || exit 1
trap 'back; exit 1' HUP INT TERM
cp -p -- "$F" "$NEW" && { head -n ${line - 1} "$F" && printf '${openEnd ? '%s' : '%s\\n'}' ${shq(turned)} && tail -n +${line + 1} "$F"; } >"$NEW" && mv -f -- "$NEW" "$F" || { back; exit 1; }
if ! Q=$(nginx -t 2>&1); then back; printf 'nginx refuses it, and the file is as it was: %s\\n' "$Q" >&2; exit 1; fi
if ! Q=$(reload 2>&1); then back; printf 'nginx could not be reloaded, and the file is as it was: %s\\n' "$Q" >&2; exit 1; fi
trap '' HUP INT TERM
rm -f -- "$OLD"`;
}
