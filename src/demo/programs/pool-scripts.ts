import { HaproxyAdmin } from '../answers/haproxy-admin.ts';
import type { Machine } from '../machine/machine.ts';
import { openConnections } from './basic-programs.ts';
import { listNotes } from './note-scripts.ts';
import type { Output } from './run-command.ts';

const adminSocket = '/run/haproxy/admin.sock';

/** The part of /etc/haproxy/haproxy.cfg that tells where states are kept: nowhere, so that a reload forgets a drain. */
const config = 'global\ndefaults\nfrontend www\nbackend web\n';

/**
 * The machine's side of the scripts that read and change a pool (probe/pools, actions/pools/kinds). They send their lines to haproxy's
 * socket through socat; here the simulated socket answers them. `connections` counts what a web still serves.
 */
export function runPoolScript(machine: Machine, kind: string, text: string, output: Output): number {
  if (kind === 'connections') {
    const ports = [...text.matchAll(/sport = :(\d+)/g)].map((found) => Number(found[1]));
    output.out(`${openConnections(machine, ports)}\n`);
    return 0;
  }
  if (kind !== 'haproxy') {
    output.err(`there is no ${kind} on this host\n`);
    return 1;
  }
  const socket = /^S='?([^'\n]*)'?$/m.exec(text)?.[1] ?? '';
  if (socket !== adminSocket || machine.listener(socket) === null) {
    output.err(`there is no socket ${socket}\n`);
    return 1;
  }
  const admin = new HaproxyAdmin(machine);
  return text.includes("printf '#quarterdeck stat") ? read(machine, admin, text, output) : change(admin, text, output);
}

function read(machine: Machine, admin: HaproxyAdmin, text: string, output: Output): number {
  const asked = [...text.matchAll(/^ask '([^']+)'/gm)].map((found) => found[1] ?? '');
  const answerTo = (word: string): string => admin.answer(asked.find((line) => line.startsWith(word)) ?? word);
  output.out(`#quarterdeck stat\n${answerTo('show stat')}\n#quarterdeck servers\n${answerTo('show servers state')}`);
  output.out(`\n#quarterdeck config\n${config}\n#quarterdeck end\n`);
  if (text.includes('\n# quarterdeck note list\n')) listNotes(machine, text, output);
  return 0;
}

/** Each line in turn; what the socket answers to a change is an error. */
function change(admin: HaproxyAdmin, text: string, output: Output): number {
  for (const [, line = ''] of text.matchAll(/^tell '([^']+)'$/gm)) {
    const said = admin.answer(line).trim();
    if (said === '') continue;
    output.err(`HAProxy answered ${line}: ${said}\n`);
    return 1;
  }
  return 0;
}
