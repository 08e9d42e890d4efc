import type { Sudo } from '../fleet/definition.ts';
import type { HostView } from '../fleet/view.ts';
import { sudoPrefix } from '../remote/deadline.ts';
import { shellCommand } from '../remote/quote.ts';
import type { PlannedCommand } from './plan.ts';

/** A command line of the fleet file as a planned command: under the fleet's privilege where it has one, a shell only where it needs one. */
export function plannedCommand(
  view: HostView,
  purpose: PlannedCommand['purpose'],
  bare: string,
  sudo: Sudo,
  deadlineMs: number,
): PlannedCommand {
  return { hostId: view.host.id, hostName: view.host.name, purpose, command: withSudo(bare, sudo), bare, sudo, deadlineMs, cloud: null };
}

/** The text a person would type: `sudo -n -- nginx -t`; a line with shell syntax runs whole under the privilege. */
function withSudo(bare: string, sudo: Sudo): string {
  const prefix = sudoPrefix(sudo);
  if (prefix.length === 0) return bare;
  return /[|&;<>()$`\n]|^\s*[A-Za-z_]\w*=/.test(bare) ? shellCommand([...prefix, 'sh', '-c', bare]) : `${shellCommand(prefix)} ${bare}`;
}
