import type { FullExecutor } from '../actions/executor.ts';
import { createOwingExecutor, type OwingExecutor } from '../actions/owing-executor.ts';
import type { BulkPlan, BulkRun } from '../actions/bulk.ts';
import type { Plan } from '../actions/plan.ts';
import type { ActionRequest } from '../actions/request.ts';
import { debtWords } from '../fleet/debt.ts';
import type { Host } from '../fleet/host.ts';
import type { HostView } from '../fleet/view.ts';
import { backupHosts, backupRequests } from './act-backup.ts';
import type { ActOptions } from './act-options.ts';
import { ActReport } from './act-report.ts';
import { actionForms, hostPart, requestFor } from './act-request.ts';
import type { GlobalOptions } from './global-options.ts';
import { isNeighbour } from './neighbours.ts';
import { chooseFleet } from './open-fleet.ts';
import { type Notices, openNotices, ringOf } from './notices.ts';
import { openOrFailed } from './open-state-dir.ts';
import { operator } from './operator.ts';
import { openSession, type Session } from './session.ts';
import { unwritten } from './unwritten-journal.ts';
import { exitCode, UsageError } from './usage-error.ts';

/** One change through the one executor, without a screen. Exit 0 verified, 1 failed, 3 outcome unknown, 4 confirmation needed, 5 refused. */
export async function act(action: string, targets: readonly string[], options: GlobalOptions, how: ActOptions): Promise<number> {
  const report = new ActReport(how.json);
  const masked = (session: Session, executor: FullExecutor): FullExecutor => {
    report.mask = session.mask;
    return executor;
  };
  if (action === 'undo')
    return withExecutor(
      options,
      how,
      () => true,
      (session, executor) => undo(masked(session, executor), how, report),
    );
  if (action === 'resume')
    return withExecutor(
      options,
      how,
      () => true,
      (session, executor) => resume(masked(session, executor), targets, how, report),
    );
  if (targets.length === 0)
    throw new UsageError(`act ${action} needs a target (${actionForms[action] ?? 'HOST'}); an empty set is never “all”`);
  if (action === 'backup')
    return withExecutor(
      options,
      how,
      (fleet) => backupHosts(fleet, targets),
      (session, executor) =>
        requested(masked(session, executor), backupRequests(session.fleet, session.live.views(), targets), how, report),
    );
  const names = new Set(targets.map((target) => hostPart(action, target)));
  const named = (host: Host): boolean => names.has(host.name) || names.has(host.id);
  return withExecutor(
    options,
    how,
    (fleet) => (host, all) => named(host) || all.some((other) => named(other) && isNeighbour(fleet, host, other)),
    (session, executor) => change(session, masked(session, executor), action, targets, how, report),
  );
}

async function change(
  session: Session,
  executor: FullExecutor,
  action: string,
  targets: readonly string[],
  how: ActOptions,
  report: ActReport,
): Promise<number> {
  const { fleet } = session;
  if (actionForms[action] === undefined && !fleet.actions.some((custom) => custom.name === action)) {
    throw new UsageError(
      `no action ${JSON.stringify(action)}: there are ${[...Object.keys(actionForms), 'undo', 'resume', ...fleet.actions.map((custom) => custom.name)].join(', ')}`,
    );
  }
  const requests = targets.map((target) => requestFor(fleet, action, target, theHost(session, hostPart(action, target)), how));
  return requested(executor, requests, how, report);
}

function requested(executor: FullExecutor, requests: readonly ActionRequest[], how: ActOptions, report: ActReport): Promise<number> {
  const [only, second] = requests;
  return only !== undefined && second === undefined ? one(executor, only, how, report) : many(executor, requests, null, how, report);
}

async function one(executor: FullExecutor, request: ActionRequest, how: ActOptions, report: ActReport): Promise<number> {
  const planned = await executor.plan(request);
  return planned.ok ? confirmed(executor, planned.plan, how, report) : report.refused(planned.refusal);
}

async function undo(executor: FullExecutor, how: ActOptions, report: ActReport): Promise<number> {
  const planned = await executor.planUndo();
  return planned.ok ? confirmed(executor, planned.plan, how, report) : report.refused(planned.refusal);
}

async function confirmed(executor: FullExecutor, plan: Plan, how: ActOptions, report: ActReport): Promise<number> {
  const unconfirmed = notConfirmed(plan, how);
  if (unconfirmed !== null) return report.plan(plan, unconfirmed, how.dryRun ? exitCode.ok : exitCode.confirm);
  const locked = armFor(executor, [plan.env]);
  if (locked !== null) return report.refused(locked);
  return report.outcome(plan, await executor.execute(plan, plan.confirmation.word, report.progress, extrasOf(how)));
}

async function many(
  executor: FullExecutor,
  requests: readonly ActionRequest[],
  continues: string | null,
  how: ActOptions,
  report: ActReport,
): Promise<number> {
  const planned = await executor.bulk.plan(requests, continues);
  if (!planned.ok) return report.refused(planned.refusal);
  const { plan } = planned;
  const unconfirmed = notConfirmed(plan, how);
  if (unconfirmed !== null) return report.bulkPlan(plan, unconfirmed, how.dryRun ? exitCode.ok : exitCode.confirm);
  const locked = armFor(executor, plan.envs);
  if (locked !== null) return report.refused(locked);
  let told = '';
  const run = await executor.bulk.start(plan, plan.confirmation.word, extrasOf(how), (state) => {
    const line = state.items.map((item) => `${item.subject} ${item.state}`).join('  ');
    if (!how.json && line !== told) process.stderr.write(`${line}\n`);
    told = line;
  });
  if ('guard' in run) return report.refused(run);
  return report.bulk(plan, await abortable(run));
}

async function resume(executor: FullExecutor, targets: readonly string[], how: ActOptions, report: ActReport): Promise<number> {
  const unfinished = executor.bulk.unfinished();
  const [wanted] = targets;
  const run = wanted === undefined ? unfinished[0] : unfinished.find((each) => each.id === wanted);
  if (run === undefined) {
    const known = unfinished.length === 0 ? 'no run is unfinished' : `unfinished are ${unfinished.map((each) => each.id).join(', ')}`;
    return report.refused({
      guard: 'empty',
      message: wanted === undefined ? known : `no unfinished run ${JSON.stringify(wanted)}: ${known}`,
    });
  }
  return many(executor, run.left, run.id, how, report);
}

/** Ctrl-C stops before the next host; what runs is let finish. */
async function abortable(run: BulkRun): ReturnType<typeof finished> {
  const abort = (): void => run.abort();
  process.on('SIGINT', abort);
  process.on('SIGTERM', abort);
  try {
    return await finished(run);
  } finally {
    process.off('SIGINT', abort);
    process.off('SIGTERM', abort);
  }
}

function finished(run: BulkRun): BulkRun['done'] {
  return run.done;
}

function notConfirmed(plan: Plan | BulkPlan, how: ActOptions): string | null {
  const { word } = plan.confirmation;
  if (how.dryRun) return 'dry run: nothing was sent';
  if (how.confirm === null) return `not confirmed: add --confirm ${/\s/.test(word) ? JSON.stringify(word) : word} to do it`;
  return how.confirm === word ? null : `--confirm ${JSON.stringify(how.confirm)} is not the word this plan asks for: ${word}`;
}

/** The word arms this one call in a danger environment; --read-only still refuses. */
function armFor(executor: FullExecutor, envs: readonly string[]): ReturnType<FullExecutor['arm']> {
  return (
    envs.map((env) => (executor.armed(env).state === 'locked' ? executor.arm(env, true) : null)).find((refusal) => refusal !== null) ?? null
  );
}

function extrasOf(how: ActOptions): { reason?: string; breakLock: boolean } {
  return { breakLock: how.breakLock, ...(how.reason === null ? {} : { reason: how.reason }) };
}

type Only = (host: Host, all: readonly Host[]) => boolean;

/** What is still to be told when a command ends has so long, ms; the rest is sent by the next one. */
const lastWordsMs = 3000;

/** Opens fleet and journal, polls once, and hands over the executor. A dry run does not touch the journal. */
export async function withExecutor(
  options: GlobalOptions,
  how: { readonly dryRun: boolean },
  only: (fleet: Session['fleet']) => Only | boolean,
  work: (session: Session, executor: OwingExecutor, notices: Notices | null) => Promise<number>,
): Promise<number> {
  const chosen = await chooseFleet(options, null);
  let fleet: Session['fleet'] | null = null;
  const session = await openSession(options, {
    continuous: false,
    chosen,
    only: (host, all) => {
      const wanted = fleet === null ? true : only(fleet);
      return typeof wanted === 'boolean' ? wanted : wanted(host, all);
    },
  });
  fleet = session.fleet;
  // A dry run tells nobody.
  const notices = how.dryRun ? null : openNotices(session, openOrFailed(session.mask, options), options, ringOf(session.fleet));
  const journal = notices?.journal ?? unwritten(options);
  try {
    if (session.said !== null) process.stderr.write(`${session.said}\n`);
    await session.live.pollOnce(500);
    const { live, mask } = session;
    const executor = createOwingExecutor({ world: live, journal, readOnly: options.readOnly, who: operator(), redact: mask });
    const status = await work(session, executor, notices);
    for (const debt of executor.debts.list()) process.stderr.write(`owed back: ${mask(debtWords(debt))}\n`);
    return status;
  } finally {
    await notices?.close(lastWordsMs);
    journal.close();
    await session.stop();
  }
}

function theHost(session: Session, name: string): HostView {
  const found = session.live.views().filter((view) => view.host.name === name || view.host.id === name);
  const [only, second] = found;
  if (only === undefined)
    throw new UsageError(`no host ${JSON.stringify(name)} in fleet ${session.fleet.name}; quarterdeck inventory lists them`);
  if (second !== undefined)
    throw new UsageError(`${JSON.stringify(name)} names several hosts: ${found.map((view) => view.host.id).join(', ')}; give one of these`);
  return only;
}
