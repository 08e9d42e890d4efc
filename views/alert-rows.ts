import type { Alert } from '../src/fleet/alert.ts';
import type { FleetState } from '../src/fleet/view.ts';
import { type AlertEpisode, alertEpisodes } from '../src/journal/alert-episodes.ts';
import type { Entry } from '../src/journal/entry.ts';
import { episodes } from './episodes.ts';
import { type FilterTerm, matchesWords, parseFilter } from './filter.ts';
import { lookBack } from './journal-flow.ts';
import { keyIndex } from './list-rows.ts';
import type { Session } from './session.ts';
import type { ScreenEntry } from './state.ts';

export type AlertsScreen = Extract<ScreenEntry, { kind: 'alerts' }>;

/** What it takes to list alerts; a frame has as much. */
export type AlertLooker = Pick<Session, 'console' | 'fleet' | 'now'>;

/** A line of the list. The key of one that stands is its alert's id, whether it is a root or unfolded under one. */
export type AlertRow = { readonly key: string } & (
  | { readonly kind: 'root'; readonly alert: Alert; readonly explains: readonly Alert[]; readonly heldBack: boolean }
  | { readonly kind: 'explained'; readonly alert: Alert; readonly root: Alert }
  /** One of the record that is over; `others`: how many it explained. */
  | { readonly kind: 'ended'; readonly ended: AlertEpisode; readonly endedAt: number; readonly others: number }
);

/** Ended alerts are listed for so long, ms. */
const endedForMs = 3_600_000;
/** Consoles of one fleet tell of the same episode; their first bad samples differ by a few polls. */
const sameEpisodeMs = 60_000;

/** Roots, worst and then oldest first, those that are held back after them, then what ended within the hour, the newest end first. */
export function alertRows(looker: AlertLooker, screen: AlertsScreen): readonly AlertRow[] {
  const fleet = looker.fleet();
  const terms = parseFilter(screen.filter);
  const roots = episodes(fleet.alerts).map(({ root, explains }) => ({ root, explains, heldBack: isHeldBack(root) }));
  const standing = roots
    .filter(({ root, explains, heldBack }) => {
      if (screen.onlyStanding && (heldBack || root.ackedBy !== null)) return false;
      return terms.length === 0 || matchesEpisode(root, explains, terms);
    })
    .toSorted((a, b) => Number(a.heldBack) - Number(b.heldBack));
  const rows = standing.flatMap(({ root, explains, heldBack }): AlertRow[] => [
    { key: root.id, kind: 'root', alert: root, explains, heldBack },
    ...(screen.unfolded === root.id ? explains.map((alert): AlertRow => ({ key: alert.id, kind: 'explained', alert, root })) : []),
  ]);
  if (screen.onlyStanding) return rows;
  const ended = endedAlerts(looker.console.journal.tail(lookBack), fleet, looker.now());
  return [...rows, ...ended.filter((row) => row.kind === 'ended' && matchesWords(endedWords(row.ended), terms))];
}

/** Something other than an alert of the list keeps it from speaking for itself: a cause that has just ended, or a rule. */
function isHeldBack({ cause, suppressedBy }: Alert): boolean {
  return cause !== null || suppressedBy !== null;
}

/** An episode is shown when one of its alerts has every word, and its root none of those left out. */
function matchesEpisode(root: Alert, explains: readonly Alert[], terms: readonly FilterTerm[]): boolean {
  const out = terms.filter((term) => term.kind === 'inverse');
  const wanted = terms.filter((term) => term.kind !== 'inverse');
  return matchesWords(alertWords(root), out) && [root, ...explains].some((alert) => matchesWords(alertWords(alert), wanted));
}

type Words = Parameters<typeof matchesWords>[0];

const alertWords = ({ name, labels, severity, hostName, what, playbooks }: Alert): Words => ({
  name: hostName ?? '',
  text: [hostName ?? '', name, severity, what, ...Object.values(labels), ...playbooks],
  labels: { ...labels, host: hostName ?? '', alert: name, severity, ...(playbooks[0] === undefined ? {} : { playbook: playbooks[0] }) },
});

const endedWords = ({ name, severity, host, what }: AlertEpisode): Words => ({
  name: host ?? '',
  text: [host ?? '', name, what, 'ended'],
  labels: { host: host ?? '', alert: name, severity },
});

const told = new WeakMap<readonly Entry[], readonly AlertEpisode[]>();

function endedAlerts(entries: readonly Entry[], fleet: FleetState, now: number): readonly AlertRow[] {
  const known = told.get(entries) ?? alertEpisodes(entries, fleet.fleetName);
  told.set(entries, known);
  const standing = new Map(fleet.alerts.map((alert) => [alert.id, alert.since]));
  const over = known.filter(({ id, since, endedAt }) => {
    const stands = standing.get(id);
    // Another console may have left while it stood.
    const same = stands !== undefined && Math.abs(stands - since) <= sameEpisodeMs;
    return endedAt !== null && now - endedAt <= endedForMs && !same;
  });
  const newest = new Map(over.map((episode) => [episode.id, episode]));
  const parents = new Map(over.map((episode) => [episode, topOf(episode, newest)]));
  return over
    .flatMap((ended): AlertRow[] => {
      if (ended.endedAt === null || parents.get(ended) !== ended) return [];
      const others = over.filter((other) => other !== ended && parents.get(other) === ended).length;
      return [{ key: `ended ${ended.id} ${ended.since}`, kind: 'ended', ended, endedAt: ended.endedAt, others }];
    })
    .toSorted((a, b) => (a.kind === 'ended' && b.kind === 'ended' ? b.endedAt - a.endedAt : 0));
}

/** The ended alert that explained this one in the end; itself when none did at that time. */
function topOf(episode: AlertEpisode, newest: ReadonlyMap<string, AlertEpisode>): AlertEpisode {
  const seen = new Set([episode.id]);
  let top = episode;
  while (top.cause !== null && !seen.has(top.cause)) {
    const parent = newest.get(top.cause);
    if (parent === undefined || (parent.endedAt ?? 0) < top.since) break;
    seen.add(parent.id);
    top = parent;
  }
  return top;
}

/** Place of the cursor's alert; one that was folded away leaves its root, one that ended its line of the ended. -1 when there is none. */
export function alertIndex(rows: readonly AlertRow[], cursor: string | null): number {
  if (cursor === null || rows.some((row) => row.key === cursor)) return keyIndex(rows, cursor);
  const now = rows.findIndex(
    (row) =>
      (row.kind === 'root' && row.explains.some((alert) => alert.id === cursor)) || (row.kind === 'ended' && row.ended.id === cursor),
  );
  return now >= 0 ? now : keyIndex(rows, null);
}

/** Id of its host; `null` for what is about no single host, or one that is gone. */
export function hostIdOf(row: AlertRow, fleet: FleetState): string | null {
  if (row.kind !== 'ended') return row.alert.host;
  return fleet.hosts.find((view) => view.host.name === row.ended.host)?.host.id ?? null;
}
