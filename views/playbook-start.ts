import type { Alert } from '../src/fleet/alert.ts';
import type { HostId } from '../src/fleet/host.ts';
import type { About, Suggested } from '../src/playbook/suggest.ts';
import type { PlaybookFile } from '../src/playbook/library.ts';
import type { KeptRun } from '../src/playbook/runs.ts';
import { chosenAlert, rootAtHome } from './alerts-flow.ts';
import { offerArming } from './arming-flow.ts';
import { episodes } from './episodes.ts';
import { openSecretsForm, openStartForm, readForm } from './playbook-form.ts';
import { readLeftRuns, showLeftRun, showPlaybookRun } from './playbook-flow.ts';
import type { FormDialog, LeftRunDialog, PlaybookSubject } from './playbook-state.ts';
import { give } from './run-answers.ts';
import type { Session } from './session.ts';
import { sentence } from './show-dialog.ts';
import { closeDialog, openScreen, screenOf, setNote } from './state.ts';

/** What it takes to look playbooks up; a frame has as much. */
export type Looker = Pick<Session, 'console' | 'fleet'>;

/** The hosts that playbooks are looked up for: the marked ones, else the one of the screen. */
export function hostsInHand(session: Session): readonly HostId[] {
  const ui = session.ui.getState();
  const { kind } = screenOf(ui);
  if ((kind === 'fleet' || kind === 'pools') && ui.marked.size > 0) return [...ui.marked];
  const host = kind === 'fleet' || kind === 'host' || kind === 'raw' || kind === 'pools' || kind === 'alerts' ? session.selected() : null;
  return host === null ? [] : [host.host.id];
}

/** The alert that playbooks are looked up for: the one under the cursor, on the first screen the root cause that its bar names. */
function alertInHand(session: Session): string | null {
  const ui = session.ui.getState();
  const row = chosenAlert(session);
  if (row !== null) return row.kind === 'ended' ? null : row.alert.id;
  return screenOf(ui).kind === 'fleet' ? (rootAtHome(ui, session.fleet(), session.selected())?.id ?? null) : null;
}

/** `p`: the playbooks, the suggested ones first; the folder is read again behind it. */
export function openPlaybooks(session: Session): void {
  const subject: PlaybookSubject = { hostIds: hostsInHand(session), alert: alertInHand(session) };
  session.update((ui) => openScreen(ui, { kind: 'playbooks', ...subject, cursor: null }));
  session.console.playbooks.reload().then(
    () => session.update((ui) => ({ ...ui })),
    (error: unknown) => session.note(`The playbooks could not be read: ${sentence(error)}`, 'crit'),
  );
}

/** Alerts of these hosts first, then root causes, then the rest. */
function aboutHosts(session: Looker, hostIds: readonly HostId[]): About {
  const fleet = session.fleet();
  const roots = new Set(episodes(fleet.alerts).map(({ root }) => root.id));
  const rank = (alert: About['alerts'][number]): number =>
    (alert.host !== null && hostIds.includes(alert.host) ? 0 : 2) + (roots.has(alert.id) ? 0 : 1);
  const view = fleet.byId.get(hostIds[0] ?? '');
  return {
    alerts: fleet.alerts.toSorted((a, b) => rank(a) - rank(b)),
    host: view === undefined ? null : { name: view.host.name, role: view.host.role, env: view.host.env },
    checks: view === undefined ? [] : view.checks.filter((check) => check.health !== 'ok').map((check) => check.name),
    text: null,
  };
}

/**
 * All playbooks as the list shows them: those of the alert first, in the order that the alert itself names them and filled in for it alone,
 * then those of the hosts.
 */
export function offeredPlaybooks(session: Looker, { hostIds, alert }: PlaybookSubject): readonly Suggested[] {
  const about = aboutHosts(session, hostIds);
  const rest = session.console.playbooks.suggest(about);
  const first = alertAndCauses(session.fleet().alerts, alert);
  if (first.length === 0) return rest;
  const own = session.console.playbooks.suggest({ ...about, alerts: first, checks: [] }).filter((offer) => offer.score > 0);
  const names = new Set(own.map((offer) => offer.file.playbook.id));
  return [...own, ...rest.filter((offer) => !names.has(offer.file.playbook.id))];
}

/** An alert, then what explains it, and what explains that; none when it has ended meanwhile. */
function alertAndCauses(alerts: readonly Alert[], id: string | null): readonly Alert[] {
  const chain: Alert[] = [];
  const find = (wanted: string | null): Alert | undefined => (wanted === null ? undefined : alerts.find((alert) => alert.id === wanted));
  for (let next = find(id); next !== undefined && !chain.includes(next); next = find(next.cause)) chain.push(next);
  return chain;
}

export function offeredPlaybook(session: Looker, id: string, subject: PlaybookSubject): Suggested | null {
  return offeredPlaybooks(session, subject).find((offer) => offer.file.playbook.id === id) ?? null;
}

/** What is known of the inputs: what the suggestion says, and the hosts in hand where they may stand. */
export function knownInputs(session: Looker, offer: Suggested, hostIds: readonly HostId[]): Readonly<Record<string, string>> {
  const { desk } = session.console.playbooks;
  const names = hostIds.flatMap((id) => session.fleet().byId.get(id)?.host.name ?? []);
  const filled = offer.file.playbook.inputs.flatMap((input): (readonly [string, string])[] => {
    if (input.type !== 'host' && input.type !== 'hosts') return [];
    const allowed = desk?.hostsFrom(input.from) ?? [];
    const fitting = names.filter((name) => allowed.includes(name));
    const [only, second] = fitting;
    if (input.type === 'hosts') return fitting.length === 0 ? [] : [[input.name, fitting.join(' ')]];
    return only === undefined || second !== undefined ? [] : [[input.name, only]];
  });
  return { ...Object.fromEntries(filled), ...offer.inputs };
}

/** Why no playbook can be started now; `null` when one can. */
export function whyNoStart(session: Session): string | null {
  if (session.console.readOnly) return 'this console was started read-only: it starts no playbook';
  if (session.console.playbooks.desk === null) return 'the console is still starting';
  const failure = session.console.journalFailure();
  return failure === null ? null : `the journal cannot be written: ${failure}`;
}

/** Opens the form that starts a playbook. */
export function offerStart(session: Session, playbookId: string, subject: PlaybookSubject): void {
  const why = whyNoStart(session);
  const offer = offeredPlaybook(session, playbookId, subject);
  if (why !== null) session.note(`No start: ${why}.`, 'warn');
  else if (offer === null) session.note(`There is no playbook ${playbookId} any more.`, 'warn');
  else openStartForm(session, offer.file.playbook, knownInputs(session, offer, subject.hostIds));
}

/** A filled form: begins the run, takes it up, or answers its question. */
export function submitForm(session: Session, form: FormDialog): void {
  const read = readForm(session, form);
  const { desk } = session.console.playbooks;
  if (!read.ok || desk === null) return;
  const { purpose } = form;
  if (purpose.kind === 'answer') {
    session.update(closeDialog);
    give(session, purpose.runId, purpose.question, { kind: 'values', values: read.values });
    return;
  }
  if (purpose.kind === 'resume') {
    const kept = session.ui.getState().leftRuns.find((run) => run.kept.id === purpose.runId)?.kept;
    const secrets = Object.fromEntries(Object.entries(read.values).map(([name, value]) => [name, String(value)]));
    if (kept !== undefined) takeUp(session, kept, secrets);
    return;
  }
  const file = session.console.playbooks.library().files.find((each) => each.playbook.id === purpose.playbookId);
  if (file === undefined) session.update((ui) => setNote(closeDialog(ui), 'This playbook is gone from its folder.', session.now(), 'warn'));
  else if (isArmed(session, desk.envOf(read.values), form)) begin(session, file, read.values);
}

/** True when writes are armed; else asks to, and comes back to the form. */
function isArmed(session: Session, env: string, back: FormDialog | LeftRunDialog): boolean {
  if (session.console.executor.armed(env).state !== 'locked') return true;
  offerArming(session, env, null, back);
  return false;
}

function begin(session: Session, file: PlaybookFile, values: Readonly<Record<string, unknown>>): void {
  const { desk, library } = session.console.playbooks;
  if (desk === null) return;
  const own = new Set(file.playbook.inputs.map((input) => input.name));
  const inputs = Object.fromEntries(Object.entries(values).filter(([name]) => own.has(name)));
  const given = values['reason'];
  const reason = typeof given === 'string' && given !== '' ? given : null;
  session.update(closeDialog);
  try {
    showPlaybookRun(session, desk.start({ file, library: library(), inputs, reason }).id);
  } catch (error) {
    session.note(`It was not started: ${sentence(error)}`, 'crit');
  }
}

/** Goes on with a run of an earlier console: arms first, asks for secrets that were not kept, then takes it up. */
export function offerResume(session: Session, dialog: LeftRunDialog): void {
  const { desk } = session.console.playbooks;
  const left = session.ui.getState().leftRuns.find((run) => run.kept.id === dialog.runId);
  const why = whyNoStart(session);
  if (left === undefined || desk === null) return;
  const away = hostsNotHeard(session, left.kept);
  if (why !== null) showLeftRun(session, left, `Not now: ${why}.`);
  else if (away.length > 0)
    showLeftRun(
      session,
      left,
      `${away.join(' and ')} ${away.length === 1 ? 'has' : 'have'} not answered yet: its locks are there. Try again.`,
    );
  else if (isArmed(session, dialog.env, dialog)) {
    const secrets = desk.secretsOf(left.kept);
    if (secrets.length === 0) takeUp(session, left.kept, {});
    else openSecretsForm(session, left.kept, secrets, dialog.env);
  }
}

/** Hosts that hold a lock of the run and were never heard here: of a console that has only just started. */
function hostsNotHeard(session: Session, kept: KeptRun): readonly string[] {
  const locks = kept.memory.locks?.locks ?? [];
  const { byId } = session.fleet();
  const away = locks.filter(({ hostId }) => byId.get(hostId)?.reach.reach === 'connecting' || byId.get(hostId)?.reach.reach === 'unknown');
  return [...new Set(away.map(({ hostName }) => hostName))];
}

function takeUp(session: Session, kept: KeptRun, secrets: Readonly<Record<string, string>>): void {
  const { desk } = session.console.playbooks;
  if (desk === null) return;
  try {
    // What its console did meanwhile is read anew: it may have gone on, or ended only now.
    const now = desk.unfinished().find((run) => run.id === kept.id);
    if (now === undefined) {
      session.update((ui) => setNote(closeDialog(ui), `${kept.title} is not open any more.`, session.now()));
      readLeftRuns(session);
      return;
    }
    const run = desk.resume(now, secrets);
    session.update((ui) => ({ ...closeDialog(ui), leftRuns: ui.leftRuns.filter((one) => one.kept.id !== kept.id) }));
    showPlaybookRun(session, run.id);
  } catch (error) {
    showLeftRun(session, { kept, later: false }, sentence(error));
  }
}

/** A run that somebody's lock kept out begins again, or goes on, without that lock. */
export function breakIn(session: Session, runId: string, reason: string): void {
  const run = session.console.playbooks.desk?.find(runId) ?? null;
  const why = whyNoStart(session);
  if (run === null) return;
  if (why !== null) {
    session.note(`Not now: ${why}.`, 'warn');
    return;
  }
  if (session.console.executor.armed(run.env).state === 'locked') {
    offerArming(session, run.env, null);
    return;
  }
  try {
    const next = run.breakIn(reason);
    session.update((ui) => ({ ...ui, leftRuns: ui.leftRuns.filter((one) => one.kept.id !== runId) }));
    showPlaybookRun(session, next.id);
  } catch (error) {
    session.note(`The lock was not broken: ${sentence(error)}`, 'crit');
  }
}

/** Puts a left run off until the list of runs is asked for it. */
export function putOffRun(session: Session, runId: string): void {
  session.update((ui) => ({
    ...closeDialog(ui),
    leftRuns: ui.leftRuns.map((run) => (run.kept.id === runId ? { ...run, later: true } : run)),
  }));
  session.note('It stays open: :runs offers it again.', 'warn');
}
