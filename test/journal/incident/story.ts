import { openJournal } from '../../../src/journal/sqlite-journal.ts';
import { IncidentDesk } from '../../../src/journal/incident/desk.ts';
import type { Journal, NewEntry } from '../../../src/journal/entry.ts';
import type { Alert } from '../../../src/fleet/alert.ts';

/** 14:07 of a day, the beginning of every story. */
export const began = Date.UTC(2026, 10, 22, 14, 7);
export const minute = 60_000;

/** A journal whose clock the test moves, with a desk at it. */
export function deskIn(dir: string, who = 'ann@deck'): { journal: Journal; desk: IncidentDesk; clock: { now: number } } {
  const clock = { now: began };
  const journal = openJournal(dir, () => new Date(clock.now));
  return { journal, clock, desk: new IncidentDesk({ journal, fleet: 'pencilcode', who, now: () => clock.now }) };
}

export const plainIncident = {
  title: 'web is slow',
  severity: 'sev2',
  visibility: 'internal',
  alert: null,
  hosts: ['web1', 'nfs1'],
  services: ['pencils'],
  began: null,
  detected: null,
} as const;

export function alert(change: Partial<Alert> = {}): Alert {
  return {
    id: 'nfs-slow@static/nfs1',
    name: 'nfs-slow',
    labels: {},
    severity: 'crit',
    host: 'static/nfs1',
    hostName: 'nfs1',
    what: 'NFS latency 48 ms (limit 20)',
    since: began,
    cause: null,
    suppressedBy: null,
    ackedBy: null,
    playbooks: [],
    ...change,
  };
}

/** A change as the executor writes it. */
export function change(kind: 'intent' | 'outcome', more: Partial<NewEntry> = {}): NewEntry {
  return {
    kind,
    actionId: 'restart-1',
    who: 'ann@deck',
    env: 'prod',
    targets: ['web1/pencils'],
    command: "sudo -n systemctl restart 'pencils'",
    outcome: kind === 'intent' ? null : 'ok',
    detail:
      kind === 'intent'
        ? {
            title: 'restart pencils on web1',
            reason: 'hangs',
            plan: { targets: [{ hostId: 'static/web1', name: 'web1', address: '10.1.2.3' }] },
          }
        : { summary: 'port 8816 answers' },
    ...more,
  };
}
