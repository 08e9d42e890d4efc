import type { ActionRequest } from '../src/actions/request.ts';
import type { BackupSpec } from '../src/fleet/definition.ts';
import type { HostView } from '../src/fleet/view.ts';
import { type Draft, withKeys } from './action-menu.ts';
import { backupWord } from './backup-figures.ts';
import { ageOfLimit } from './backup-words.ts';
import { plural } from './format.ts';
import { chosenBackup } from './list-rows.ts';
import { planRequests } from './plan-flow.ts';
import { actionHosts } from './restart-flow.ts';
import type { Session } from './session.ts';
import { showDialog } from './show-dialog.ts';
import { screenOf } from './state.ts';

const onlyWatched = 'only watched: somebody else makes it';

const requestOf = (name: string, hostId: string): ActionRequest => ({ action: 'backup', hostId, name });

/** Backups that concern every one of the hosts. */
function commonBackups(session: Session, views: readonly HostView[]): readonly BackupSpec[] {
  const all = session.console.catalogue?.backups ?? [];
  return all.filter((spec) => views.every(({ host }) => host.role !== null && spec.on.includes(host.role)));
}

/** Why `b` can do nothing now; `null` when it can. */
export function whyNoBackup(session: Session): string | null {
  const screen = screenOf(session.ui.getState());
  if (screen.kind === 'backups') {
    const chosen = chosenBackup(screen, session.fleet());
    return chosen === null ? 'there is no backup' : chosen.watched ? onlyWatched : null;
  }
  const views = actionHosts(session);
  const [first, second] = views;
  if (first === undefined) return 'no host is selected';
  if (session.console.catalogue === null) return 'the console is still starting';
  if (commonBackups(session, views).length > 0) return null;
  return second === undefined
    ? `the fleet file names no backup of ${first.host.name}`
    : `the ${plural(views.length, 'marked host')} have no backup in common`;
}

/** Why a host has no such backup that could be made; `null` when it has. */
export function whyNotBackup(session: Session, name: string): string | null {
  const view = session.selected();
  if (view === null) return 'no host is selected';
  const spec = commonBackups(session, [view]).find((one) => one.name === name);
  return spec === undefined ? `the host has no backup ${name}` : spec.kind === 'watch' ? onlyWatched : null;
}

/** `b`: on the backups screen the one under the cursor, elsewhere those of the host or of all marked hosts. */
export function offerBackups(session: Session): void {
  const screen = screenOf(session.ui.getState());
  if (screen.kind === 'backups') {
    const chosen = chosenBackup(screen, session.fleet());
    if (chosen !== null) void planRequests(session, [requestOf(chosen.name, chosen.hostId)]);
    return;
  }
  const views = actionHosts(session);
  const [first, second] = views;
  if (first === undefined) return;
  const hostName = second === undefined ? first.host.name : plural(views.length, 'marked host');
  const items = withKeys(
    commonBackups(session, views).map(
      (spec): Draft => ({
        wanted: spec.key,
        label: spec.name,
        detail: backupDetail(session, spec, views),
        why: spec.kind === 'watch' ? onlyWatched : null,
        does: { kind: 'requests', requests: views.map(({ host }) => requestOf(spec.name, host.id)) },
      }),
    ),
  );
  const cursor = Math.max(
    0,
    items.findIndex((item) => item.why === null),
  );
  const hostIds = views.map(({ host }) => host.id);
  showDialog(session, { kind: 'actions', title: `back up what of ${hostName}?`, hostIds, hostName, env: first.host.env, items, cursor });
}

/** Kind, and for one host how old its newest copy is. */
function backupDetail(session: Session, spec: BackupSpec, views: readonly HostView[]): string {
  const [only, second] = views;
  const state = session.fleet().backups.find((one) => one.name === spec.name && one.hostId === only?.host.id);
  if (second !== undefined || state === undefined) return spec.kind;
  const now = session.now();
  const running = state.running === null ? '' : ' · being made now';
  return `${spec.kind} · ${ageOfLimit(state, now)} ${backupWord(state, now).word}${running}`;
}

/** Plans one backup of the selected host: its second key after `b`. */
export function planBackup(session: Session, name: string): void {
  const view = session.selected();
  if (view !== null) void planRequests(session, [requestOf(name, view.host.id)]);
}
