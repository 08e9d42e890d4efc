import { setTimeout as sleep } from 'node:timers/promises';
import type { Journal } from '../journal/entry.ts';
import type { DeskRun } from '../playbook/desk-run.ts';
import { hidden } from '../playbook/run/hidden.ts';
import type { RunView } from '../playbook/run/run-view.ts';
import { endWords } from '../playbook/run/step-end.ts';
import { RunRefused } from '../playbook/runs.ts';
import { shq } from '../remote/quote.ts';
import { refused, toTakeALock } from './refused.ts';
import { exitCode } from './usage-error.ts';

/** Begins a run, or takes one up, and follows it to its end; one whose journal's disk was full goes on once there is room. Returns the exit code. */
export async function followRun(begin: () => DeskRun, journal: Pick<Journal, 'failure'>, json: boolean): Promise<number> {
  try {
    for (let next = begin(); ; ) {
      const end = await follow(next, journal, json);
      if (end !== 'go on') return end;
      next = next.goOn();
    }
  } catch (error) {
    if (error instanceof RunRefused) return refused(error.message);
    throw error;
  }
}

/**
 * Prints each step as it ends, and the end of the run. Ctrl-C calls it off; a second one leaves it as it is, to be resumed, and so does a
 * terminal that goes away.
 */
async function follow(run: DeskRun, journal: Pick<Journal, 'failure'>, json: boolean): Promise<number | 'go on'> {
  const told = new Set<string>();
  const tell = (): void => {
    for (const step of run.view().steps) {
      if (step.endedAt === null || step.verb === 'section' || told.has(step.address)) continue;
      told.add(step.address);
      const { word, note } = endWords(step);
      if (!json) process.stderr.write(`${'  '.repeat(step.depth)}${word} ${step.title}${note === '' ? '' : ` — ${note}`}\n`);
    }
  };
  let asked = false;
  const left = new AbortController();
  const leave = (): void => {
    left.abort();
    run.leave();
  };
  const interrupt = (): void => {
    if (asked || run.isOver()) leave();
    else run.abort('interrupted by the operator');
    asked = true;
  };
  const hangUp = (): void => {
    // Nobody reads any more; what is still to be written down is not kept from it by a closed terminal.
    for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
    leave();
  };
  run.subscribe(tell);
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  process.on('SIGHUP', hangUp);
  try {
    const view = await run.done;
    tell();
    if (!left.signal.aborted && (await isWritableAgain(view, journal, left.signal))) return 'go on';
    if (json) process.stdout.write(`${JSON.stringify(view)}\n`);
    else process.stderr.write(`${closing(view)}\n`);
    return exitOf(view);
  } finally {
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
    process.off('SIGHUP', hangUp);
  }
}

const askJournalEveryMs = 1000;

/** Waits for the journal whose disk made a run stand still, until it can be written again; false where that is not why, or the person leaves. */
async function isWritableAgain({ id, phase }: RunView, journal: Pick<Journal, 'failure'>, left: AbortSignal): Promise<boolean> {
  if (phase.phase !== 'paused' || phase.mendable !== true) return false;
  process.stderr.write(`${id} stands still and sends nothing: ${phase.why ?? ''} It goes on by itself then; Ctrl-C leaves it as it is.\n`);
  while (journal.failure !== null && !left.aborted) await sleep(askJournalEveryMs, null, { signal: left }).catch(() => null);
  return !left.aborted;
}

function closing(view: RunView): string {
  const owed = view.debts.map((debt) => debt.what).join('; ');
  const locked = view.locked.length === 0 ? '' : ` LOCKED until then: ${view.locked.join(', ')}`;
  const open = `${owed === '' ? '' : ` OPEN: ${owed}`}${locked}`;
  const { phase } = view;
  if (view.lockedBy !== null) return lockedOut(view);
  return phase.phase === 'closed'
    ? `${view.id}: ${phase.result}: ${phase.message}${open}`
    : `${view.id} is left as it is${phase.phase === 'paused' && phase.why !== undefined ? ` (${phase.why.replace(/\.$/, '')})` : ''}; go on with quarterdeck playbook resume ${view.id}${process.stdin.isTTY === true ? '' : ` --confirm ${view.playbook}`}${open}`;
}

/** Who is in the way, and the two ways on: once it is free, or at once. */
function lockedOut({ id, playbook, inputs, phase, lockedBy }: RunView): string {
  const again = phase.phase === 'closed' ? ['run', playbook, ...inputFlags(inputs)] : ['resume', id];
  const command = `quarterdeck playbook ${again.join(' ')}`;
  const stands = phase.phase === 'closed' ? 'nothing was begun' : `${id} is left as it is`;
  return `refused: ${lockedBy ?? ''}; ${stands}. Once it is free: ${command}. ${toTakeALock} add --break-lock --reason TEXT`;
}

/** As they would be typed; secrets, which are masked, stand in no command line. */
function inputFlags(inputs: RunView['inputs']): readonly string[] {
  return Object.entries(inputs).flatMap(([name, value]) =>
    value === '' || value.includes(hidden) ? [] : ['--input', `${name}=${shq(value)}`],
  );
}

function exitOf({ phase, lockedBy }: RunView): number {
  if (lockedBy !== null) return exitCode.refused;
  if (phase.phase !== 'closed') return exitCode.unknown;
  return phase.result === 'ok' ? exitCode.ok : exitCode.failed;
}
