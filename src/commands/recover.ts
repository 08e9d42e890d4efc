import type { Interrupted } from '../actions/recovery.ts';
import { type Debt, debtWords } from '../fleet/debt.ts';
import { lockedIn } from '../playbook/run/view-of.ts';
import { type KeptRun, Runs } from '../playbook/runs.ts';
import { withExecutor } from './act.ts';
import type { GlobalOptions } from './global-options.ts';
import { exitCode, UsageError } from './usage-error.ts';

export interface RecoverOptions {
  /** `ID=ok|failed|unknown`. */
  readonly answers: readonly string[];
  /** Debts that a person says are no more. */
  readonly settle: readonly string[];
  readonly reason: string | null;
}

/** Takes up changes whose console ended between intent and outcome, and lists what is owed back; exit 3 while a change stays open. */
export function recover(options: GlobalOptions, { answers, settle, reason }: RecoverOptions): Promise<number> {
  const given = new Map(answers.map(readAnswer));
  if (given.size > 0 && reason === null) throw new UsageError('--answer needs --reason: why do you know?');
  if (settle.length > 0 && reason === null) throw new UsageError('--settle needs --reason: why do you know?');
  return withExecutor(
    options,
    { dryRun: false },
    () => true,
    async (session, executor, notices) => {
      const pending = executor.recovery.pending();
      if (pending.length === 0) process.stdout.write('nothing is open: every intent has its outcome\n');
      let open = 0;
      for (const item of pending) {
        const answer = given.get(item.plan.id);
        const resolution =
          answer === undefined
            ? await executor.recovery.resolve(item, (progress) => process.stderr.write(`${progress.phase}: ${progress.text}\n`))
            : await executor.recovery.answer(item, answer, reason ?? '');
        if (resolution.kind !== 'closed') open += 1;
        process.stdout.write(`${words(item, resolution)}\n`);
      }
      for (const id of settle) {
        const refusal = executor.debts.settle(id, reason ?? '');
        process.stdout.write(refusal === null ? `settled: ${id}\n` : `not settled: ${refusal.message}\n`);
        if (refusal !== null) open += 1;
      }
      for (const run of notices === null ? [] : new Runs(notices.journal).unfinished())
        process.stdout.write(`${session.mask(openRun(run))}\n`);
      for (const debt of executor.debts.list())
        process.stdout.write(`owed: ${debt.id}: ${session.mask(debtWords(debt))}. ${wayBack(debt)}\n`);
      return open === 0 ? exitCode.ok : exitCode.unknown;
    },
  );
}

function words(
  item: Interrupted,
  resolution: Awaited<ReturnType<Parameters<Parameters<typeof withExecutor>[3]>[1]['recovery']['resolve']>>,
): string {
  const what = `${item.plan.id} (${item.plan.title}, ${item.at})`;
  switch (resolution.kind) {
    case 'closed':
      return `${resolution.outcome}: ${what}: ${resolution.summary}`;
    case 'away':
      return `open: ${what}: ${resolution.why}; try again when it is back`;
    case 'ask':
      return `open: ${what}: ${resolution.summary}. Say what became of it: quarterdeck recover --answer ${item.plan.id}=ok|failed|unknown --reason TEXT`;
    default:
      return resolution satisfies never;
  }
}

/** A run that holds its locks until somebody goes on with it or gives it up. */
function openRun({ id, title, operator, startedAt, owned, pid, memory }: KeptRun): string {
  const owed = memory.debts().map(({ what }) => what);
  const locked = lockedIn(memory);
  const about = [
    `by ${operator}, since ${new Date(startedAt).toISOString()}`,
    ...(owed.length === 0 ? [] : [`owes: ${owed.join('; ')}`]),
    ...(locked.length === 0 ? [] : [`keeps locked: ${locked.join(', ')}`]),
  ].join('; ');
  const way = owned
    ? `its console still runs (process ${pid ?? '?'})`
    : `quarterdeck playbook resume ${id} goes on with it, quarterdeck playbook close ${id} --reason TEXT gives it up`;
  return `left open: ${id} (${title}) ${about}. ${way}`;
}

function wayBack(debt: Debt): string {
  const byWord = `quarterdeck recover --settle ${debt.id} --reason TEXT says that it is no more`;
  return debt.kind === 'pool' && debt.hostId !== null
    ? `quarterdeck act repool ${debt.hostId} --pool ${debt.pool ?? ''} puts it back; ${byWord}`
    : byWord;
}

function readAnswer(text: string): readonly [string, 'ok' | 'failed' | 'unknown'] {
  const [id = '', word = ''] = text.split('=');
  if (word !== 'ok' && word !== 'failed' && word !== 'unknown')
    throw new UsageError(`--answer takes ID=ok, ID=failed or ID=unknown, not ${JSON.stringify(text)}`);
  return [id, word];
}
