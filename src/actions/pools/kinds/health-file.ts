import { sshOf } from '../../../fleet/definition.ts';
import { hostFile } from '../../../probe/pools/host-file.ts';
import { shq } from '../../../remote/quote.ts';
import { sanitizeLine } from '../../../remote/sanitize.ts';
import type { DriverContext } from '../../driver.ts';
import { plannedCommand } from '../../sudo-command.ts';
import { refusedChange } from '../balancer-views.ts';
import type { PoolChange, PoolKind, PoolSignature, PoolTarget } from '../pool-kind.ts';

const deadlineMs = 20_000;

const late = 'the balancer notices only after its own health checks have failed; until then new requests still come';

/** The line of a file whose signature is the note beside it. */
const unsigned = JSON.stringify({ by: 'quarterdeck' });

/** A file on the member that its health check looks at: there, the member is out. It holds one line of JSON that says who. */
export const healthFile: PoolKind = {
  deadlineMs,
  hosts: (_context, { view }) => [view.host.id],
  drain: lay,
  force: lay,
  restore: (context, target) => {
    const file = hostFile(target.spec.options['file']);
    if (file === null) return refusedChange(`pools.${target.spec.name} names no file that could be one`);
    const id = target.member.takenOutBy?.actionId ?? null;
    const signed =
      id === null
        ? ''
        : `[ "$(head -n 1 "$F")" = ${shq(unsigned)} ] || grep -qF -e ${shq(JSON.stringify(id))} "$F" || { printf '%s was written by another since\\n' "$F" >&2; exit 1; }\n`;
    const script = `# quarterdeck pool health-file: remove ${sanitizeLine(String(target.spec.options['file']), 200)}
F=${file}
[ -e "$F" ] || [ -h "$F" ] || exit 0
[ -f "$F" ] || { printf '%s is no plain file\\n' "$F" >&2; exit 1; }
${signed}rm -- "$F"`;
    return one(context, target, script, []);
  },
};

/** Never in place of a file that is there: another's word about this host would be lost with it. */
function lay(context: DriverContext, target: PoolTarget, signature?: PoolSignature): PoolChange {
  const file = hostFile(target.spec.options['file']);
  if (file === null) return refusedChange(`pools.${target.spec.name} names no file that could be one`);
  // A drain that is waited for again, or cut off, finds the file it laid.
  const line = shq(signature === undefined ? unsigned : JSON.stringify(signature));
  const again = target.member.state === 'in' ? '' : `[ "$(head -n 1 "$F" 2>/dev/null)" != ${line} ] || exit 0\n`;
  const script = `# quarterdeck pool health-file: write ${sanitizeLine(String(target.spec.options['file']), 200)}
umask 022
F=${file}
${again}mkdir -p -- "$(dirname -- "$F")" || exit 1
set -C
printf '%s\\n' ${line} >"$F"`;
  return one(context, target, script, [late]);
}

function one(context: DriverContext, target: PoolTarget, script: string, warnings: readonly string[]): PoolChange {
  const { sudo } = sshOf(context.fleet, target.view.host.role);
  return { kind: 'commands', commands: [plannedCommand(target.view, 'change', script, sudo, deadlineMs)], warnings };
}
