import type { Contact } from '../fleet/contact.ts';
import { contactsOf } from '../fleet/contact.ts';
import type { HostView } from '../fleet/view.ts';

/** The card of a host that no shell reaches though the machine seems to be there: whom to call, which console to try, and since when. */
export interface OutOfBandCard {
  readonly hostName: string;
  /** Why the host counts as wedged, one clause. */
  readonly why: string;
  /** Epoch ms. */
  readonly since: number;
  readonly forMs: number;
  /** When somebody else is to be called, epoch ms, and whether that time has come. */
  readonly escalateAt: number;
  readonly escalate: boolean;
  readonly contacts: readonly Contact[];
  /** Ways to its console, from its labels and its provider. */
  readonly hints: readonly string[];
}

/** A wedged host is escalated after this, ms; nobody noticed ASLO's for nearly six hours. */
export const escalateAfterMs = 15 * 60_000;

/**
 * Why a host is wedged; `null` when it is not. Wedged is not down: its TCP port or its checks still answer, or its cloud says that it runs,
 * but no shell comes. Without any such sign a silent host is unreachable and no more is known.
 */
export function wedged(view: HostView): string | null {
  const { reach, host, checks } = view;
  if (reach.reach === 'no-shell') return 'it answers SSH but gives no shell';
  if (reach.reach !== 'timeout') return null;
  const answers = checks.find((check) => check.ok === true && check.at >= reach.since);
  if (answers !== undefined) return `SSH does not answer though check ${answers.name} does`;
  if (host.cloudState === 'running') return 'SSH does not answer though its cloud says that it runs';
  // A banner or a login that stays away means that the machine took the connection.
  if (/banner|handshake|login|authenticat/i.test(reach.why ?? '')) return 'it takes connections but does not finish a login';
  return null;
}

/** The card of a host; `null` while it is not wedged. Pure: `now` is epoch ms. */
export function outOfBandCard(
  view: HostView,
  contacts: readonly Contact[],
  now: number,
  afterMs: number = escalateAfterMs,
): OutOfBandCard | null {
  const why = wedged(view);
  if (why === null) return null;
  const { since } = view.reach;
  const escalateAt = since + afterMs;
  return {
    hostName: view.host.name,
    why,
    since,
    forMs: Math.max(0, now - since),
    escalateAt,
    escalate: now >= escalateAt,
    contacts: contactsOf(contacts, view.host),
    hints: consoleHints(view),
  };
}

const consoleLabels = ['console', 'oob', 'serial', 'ipmi', 'ilo', 'idrac', 'bmc', 'xen', 'dom0', 'kvm', 'hypervisor', 'rack', 'power'];

/** Ways to a host's own console, from its labels and its provider; none where neither names one. */
export function consoleHints({ host }: HostView): readonly string[] {
  const labels = Object.entries(host.labels).flatMap(([key, value]) =>
    consoleLabels.includes(key.toLowerCase()) ? [`${key}: ${value}`] : [],
  );
  const zone = host.zone ?? 'ZONE';
  const cloud: Readonly<Record<HostView['host']['provider'], readonly string[]>> = {
    gce: [
      `gcloud compute instances get-serial-port-output ${host.name} --zone ${zone}`,
      `gcloud compute connect-to-serial-port ${host.name} --zone ${zone}`,
      `gcloud compute instances reset ${host.name} --zone ${zone}   (cuts everything on it)`,
    ],
    azure: [
      `az vm boot-diagnostics get-boot-log --name ${host.name} --resource-group GROUP`,
      `az serial-console connect --name ${host.name} --resource-group GROUP`,
      `az vm restart --name ${host.name} --resource-group GROUP   (cuts everything on it)`,
    ],
    static: [],
    local: [],
  };
  return [...labels, ...cloud[host.provider]];
}
