import { createExecutor } from '../actions/executor.ts';
import type { ActionOutcome, Plan, Refusal } from '../actions/plan.ts';
import type { GlobalOptions } from './global-options.ts';
import { operator, openSession, type Session } from './session.ts';
import { openJournalFor } from './open-state-dir.ts';
import { planText } from './plan-text.ts';
import { exitCode, UsageError } from './usage-error.ts';

export interface ActOptions {
  readonly dryRun: boolean;
  readonly confirm: string | null;
  readonly reason: string | null;
  readonly json: boolean;
}

const known = ['restart', 'depool', 'repool', 'drain', 'rollback', 'maintenance', 'backup'];

/** One change through the one executor, without a screen. Exit 0 verified, 1 failed, 3 outcome unknown, 4 confirmation needed, 5 refused. */
export async function act(action: string, targets: readonly string[], options: GlobalOptions, how: ActOptions): Promise<number> {
  if (!known.includes(action)) throw new UsageError(`no action ${JSON.stringify(action)}: there are ${known.join(', ')}`);
  if (action !== 'restart') return refuse({ guard: 'not-available', message: `${action} is not available yet` }, how.json);
  const [target, ...more] = targets;
  if (target === undefined) throw new UsageError('act restart needs a target: HOST/SERVICE, for example web1/nginx');
  if (more.length > 0)
    return refuse({ guard: 'not-available', message: 'restarting more than one target in a call is not available yet' }, how.json);
  const slash = target.lastIndexOf('/');
  if (slash < 1 || slash === target.length - 1)
    throw new UsageError(`${JSON.stringify(target)} is not HOST/SERVICE, for example web1/nginx`);
  return restart(target.slice(0, slash), target.slice(slash + 1), options, how);
}

async function restart(hostName: string, service: string, options: GlobalOptions, how: ActOptions): Promise<number> {
  // A dry run only reads; the journal is not touched.
  const session = await openSession(options, { continuous: false, only: (host) => host.name === hostName || host.id === hostName });
  const journal = how.dryRun ? null : openJournalFor(session.fleet, options);
  try {
    if (session.said !== null) process.stderr.write(`${session.said}\n`);
    await session.live.pollOnce(500);
    const hostId = theHost(session, hostName);
    const executor = createExecutor({ world: session.live, journal: journal ?? unwritten, readOnly: options.readOnly, who: operator() });
    const planned = await executor.plan({ action: 'restart', hostId, service });
    if (!planned.ok) return refuse(planned.refusal, how.json);
    const { plan } = planned;
    if (how.dryRun) return show(plan, how.json, 'dry run: nothing was sent', exitCode.ok);
    if (how.confirm === null) {
      return show(plan, how.json, `not confirmed: add --confirm ${plan.confirmation.word} to do it`, exitCode.confirm);
    }
    if (how.confirm !== plan.confirmation.word) {
      return show(
        plan,
        how.json,
        `--confirm ${JSON.stringify(how.confirm)} is not the word this plan asks for: ${plan.confirmation.word}`,
        exitCode.confirm,
      );
    }
    // The word arms this one call in a danger environment; --read-only still refuses.
    const locked = executor.armed(plan.env).state === 'locked' ? executor.arm(plan.env) : null;
    if (locked !== null) return refuse(locked, how.json);
    const outcome = await executor.execute(plan, how.confirm, (progress) => {
      if (!how.json) process.stderr.write(`${progress.phase}: ${progress.text}\n`);
    });
    return report(plan, outcome, how.json);
  } finally {
    journal?.close();
    await session.stop();
  }
}

function theHost(session: Session, name: string): string {
  const found = session.live.views().filter((view) => view.host.name === name || view.host.id === name);
  const [only, second] = found;
  if (only === undefined)
    throw new UsageError(`no host ${JSON.stringify(name)} in fleet ${session.fleet.name}; quarterdeck inventory lists them`);
  if (second !== undefined)
    throw new UsageError(`${JSON.stringify(name)} names several hosts: ${found.map((view) => view.host.id).join(', ')}; give one of these`);
  return only.host.id;
}

function show(plan: Plan, json: boolean, note: string, exit: number): number {
  if (json) process.stdout.write(`${JSON.stringify({ plan, outcome: null, note }, null, 2)}\n`);
  else process.stdout.write(`${planText(plan)}\n${note}\n`);
  return exit;
}

function refuse(refusal: Refusal, json: boolean): number {
  if (json) process.stdout.write(`${JSON.stringify({ plan: null, outcome: { kind: 'refused', refusal } }, null, 2)}\n`);
  else process.stderr.write(`refused: ${refusal.message}\n`);
  return exitCode.refused;
}

function report(plan: Plan, outcome: ActionOutcome, json: boolean): number {
  if (json) process.stdout.write(`${JSON.stringify({ plan, outcome }, null, 2)}\n`);
  switch (outcome.kind) {
    case 'refused':
      if (!json) process.stderr.write(`refused: ${outcome.refusal.message}\n`);
      return exitCode.refused;
    case 'ok':
      if (!json) process.stdout.write(`ok: ${outcome.summary}\n${outcome.evidence.map((line) => `  ${line}\n`).join('')}`);
      return exitCode.ok;
    case 'failed':
      if (!json) process.stdout.write(`failed: ${outcome.summary}\n${outcome.evidence.map((line) => `  ${line}\n`).join('')}`);
      return exitCode.failed;
    case 'unknown':
      if (!json) process.stdout.write(`outcome unknown: ${outcome.summary}\n${outcome.evidence.map((line) => `  ${line}\n`).join('')}`);
      return exitCode.unknown;
    default:
      return outcome satisfies never;
  }
}

/** Stands where a dry run must not write: planning never appends. */
const unwritten = {
  append: (): never => {
    throw new Error('a dry run writes nothing');
  },
  tail: () => [],
  ofAction: () => [],
  open: () => [],
  failure: null,
  close: () => {},
};
