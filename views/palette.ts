import { formatClock, formatMinute } from '../src/fleet/duration.ts';
import { go } from 'fuzzysort';
import { openApprovals } from './approval-flow.ts';
import { openAlerts } from './alerts-flow.ts';
import { disarm, offerArming } from './arming-flow.ts';
import { showRun } from './bulk-flow.ts';
import { plural } from './format.ts';
import type { ActionRequest } from '../src/actions/request.ts';
import type { HostView } from '../src/fleet/view.ts';
import { offerNote, offerStart as offerIncident, openIncidents, writeHandoff } from './incident-flow.ts';
import { planAsked, planRequests } from './plan-flow.ts';
import { poolsOf } from './pool-figures.ts';
import { membershipWord } from './pool-words.ts';
import { askQuestion } from './recovery-flow.ts';
import { planRestart } from './restart-flow.ts';
import { openRoutines } from './routine-flow.ts';
import { sentence } from './show-dialog.ts';
import { bandEnv, type Session } from './session.ts';
import { openRuns, showPlaybookRun } from './playbook-flow.ts';
import { hostsInHand, offerStart, openPlaybooks } from './playbook-start.ts';
import { phaseOf } from './run-words.ts';
import { openScreen } from './state.ts';

/** One thing the command line can do. Bound to its host when the palette was opened. */
export interface Command {
  readonly label: string;
  readonly detail: string;
  run(session: Session): void;
}

const shownAtOnce = 12;

/** Everything the command line offers now: screens, hosts, restarts, scenarios. */
export function commands(session: Session): Command[] {
  const { scenarios } = session.console;
  const env = bandEnv(session);
  const list: Command[] = [
    { label: 'fleet', detail: 'the table of hosts', run: () => session.update((ui) => openScreen(ui, { kind: 'fleet' })) },
    { label: 'alerts', detail: 'one line a root cause, and what it explains', run: openAlerts },
    {
      label: 'pools',
      detail: 'who is in, draining, out',
      run: () => session.update((ui) => openScreen(ui, { kind: 'pools', cursor: null })),
    },
    {
      label: 'backups',
      detail: 'age, size, progress',
      run: () => session.update((ui) => openScreen(ui, { kind: 'backups', cursor: null })),
    },
    {
      label: 'sources',
      detail: 'where the hosts come from',
      run: () => session.update((ui) => openScreen(ui, { kind: 'sources', scroll: 0 })),
    },
    {
      label: 'incidents',
      detail: 'open and recent ones',
      run: () => session.update((ui) => openScreen(ui, { kind: 'incidents', cursor: null })),
    },
    { label: 'incident', detail: 'the open one', run: openIncidents },
    { label: 'start an incident', detail: 'from the worst alert, or by hand', run: offerIncident },
    { label: 'note', detail: 'into the incident or the journal', run: offerNote },
    { label: 'routines', detail: 'daily and weekly duties', run: openRoutines },
    { label: 'hand-off', detail: 'what the next shift must know, to a file', run: writeHandoff },
    { label: 'contacts', detail: 'whom to call', run: () => session.update((ui) => openScreen(ui, { kind: 'contacts', scroll: 0 })) },
    { label: 'playbooks', detail: 'guided procedures, the suggested ones first', run: openPlaybooks },
    { label: 'approvals', detail: 'what waits for a second person', run: openApprovals },
    { label: 'runs', detail: 'of playbooks: under way, left open, over', run: openRuns },
    { label: 'help', detail: 'every key', run: () => session.update((ui) => openScreen(ui, { kind: 'help', cursor: 0 })) },
    { label: 'refresh', detail: 'ask every host now', run: refresh },
    { label: 'quit', detail: 'leave the console', run: () => session.quit() },
  ];
  for (const run of session.ui.getState().runs)
    list.push({ label: `run ${run.plan.title}`, detail: run.state.phase, run: () => showRun(session, run) });
  const subject = { hostIds: hostsInHand(session), alert: null };
  for (const { playbook } of session.console.playbooks.library().files)
    list.push({
      label: `run ${playbook.id}`,
      detail: `inputs first · ${playbook.title}`,
      run: () => offerStart(session, playbook.id, subject),
    });
  for (const run of session.ui.getState().playbookRuns)
    list.push({
      label: `view ${run.view.playbook} of ${formatClock(run.view.startedAt)}`,
      detail: phaseOf(run, session.now()).word,
      run: () => showPlaybookRun(session, run.id),
    });
  for (const question of session.ui.getState().questions)
    list.push({ label: `answer ${question.item.plan.title}`, detail: 'what became of it?', run: () => askQuestion(session, question) });
  for (const run of session.console.executor.bulk.unfinished()) {
    const left = new Set(run.left.map((request) => request.hostId)).size;
    list.push({
      label: `resume ${run.title}`,
      detail: `plan first · ${plural(left, 'host')} left since ${formatMinute(run.at)}Z`,
      run: () => void planAsked(session, { kind: 'many', requests: run.left, continues: run.id }),
    });
  }
  if (env !== null) {
    list.push({ label: `arm ${env}`, detail: 'writes for 5 minutes', run: () => offerArming(session, env, null) });
    list.push({ label: `disarm ${env}`, detail: 'read-only again', run: () => disarm(session, env) });
  }
  if (scenarios !== null) {
    for (const { name, text } of scenarios.list)
      list.push({ label: `scenario ${name}`, detail: text, run: () => setScenario(session, name) });
    list.push({ label: 'scenario none', detail: 'mend the demo fleet', run: () => setScenario(session, null) });
  }
  for (const view of session.fleet().hosts) {
    const { id, name, role } = view.host;
    list.push({
      label: `host ${name}`,
      detail: role ?? '',
      run: () => session.update((ui) => openScreen(ui, { kind: 'host', hostId: id, service: null, scroll: null })),
    });
    list.push(...poolCommands(session, view));
    for (const service of view.services) {
      list.push({
        label: `restart ${name}/${service.name}`,
        detail: `plan first · ${service.state}`,
        run: () => void planRestart(session, { action: 'restart', hostId: id, service: service.name }),
      });
    }
  }
  for (const { name, hostId, watched, kind } of session.fleet().backups) {
    if (watched) continue;
    const on = session.fleet().byId.get(hostId)?.host.name ?? hostId;
    list.push({
      label: `backup ${name} on ${on}`,
      detail: `plan first · ${kind}`,
      run: () => void planRequests(session, [{ action: 'backup', hostId, name }]),
    });
  }
  return list;
}

/** `depool web1` and `repool web1`, with the pool's name where there are several. */
function poolCommands(session: Session, view: HostView): Command[] {
  const { id, name } = view.host;
  const pools = poolsOf(session.fleet(), view);
  return pools.flatMap((pool): Command[] => {
    const target = pools.length === 1 ? name : `${name} ${pool.name}`;
    const detail = `plan first · ${membershipWord(pool)} in ${pool.name}`;
    const plan = (request: ActionRequest) => (): void => void planRequests(session, [request]);
    return [
      { label: `depool ${target}`, detail, run: plan({ action: 'depool', hostId: id, pool: pool.name, mode: 'drain' }) },
      { label: `repool ${target}`, detail, run: plan({ action: 'repool', hostId: id, pool: pool.name }) },
    ];
  });
}

/** Best matches first; all in their own order for an empty line. A line that names a command exactly comes first. */
export function matchCommands(list: readonly Command[], typed: string): readonly Command[] {
  const wanted = typed.trim();
  if (wanted === '') return list.slice(0, shownAtOnce);
  const found = go(wanted, list, { key: 'label', threshold: 0.2, limit: shownAtOnce }).map((result) => result.obj);
  const exact = list.find((one) => one.label === wanted);
  return exact === undefined ? found : [exact, ...found.filter((one) => one !== exact)];
}

/** Breaks or mends the demo fleet and says so. */
export function setScenario(session: Session, name: string | null): void {
  const { scenarios } = session.console;
  if (scenarios === null) return;
  Promise.resolve()
    .then(() => scenarios.set(name))
    .then(
      () => session.note(name === null ? 'The demo fleet is mended.' : `Scenario ${name} is on.`),
      (error: unknown) => session.note(`The scenario could not be set: ${sentence(error)}`, 'crit'),
    );
}

export function refresh(session: Session): void {
  session.console.refresh();
  session.note('Asking every host now.');
}
