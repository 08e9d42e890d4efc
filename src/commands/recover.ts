import type { Interrupted } from '../actions/recovery.ts';
import { withExecutor } from './act.ts';
import type { GlobalOptions } from './global-options.ts';
import { exitCode, UsageError } from './usage-error.ts';

/** Takes up changes whose console ended between intent and outcome; exit 3 while one stays open. `answers` are ID=ok|failed|unknown. */
export function recover(options: GlobalOptions, answers: readonly string[], reason: string | null): Promise<number> {
  const given = new Map(answers.map(readAnswer));
  if (given.size > 0 && reason === null) throw new UsageError('--answer needs --reason: why do you know?');
  return withExecutor(
    options,
    { dryRun: false },
    () => true,
    async (_session, executor) => {
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

function readAnswer(text: string): readonly [string, 'ok' | 'failed' | 'unknown'] {
  const [id = '', word = ''] = text.split('=');
  if (word !== 'ok' && word !== 'failed' && word !== 'unknown')
    throw new UsageError(`--answer takes ID=ok, ID=failed or ID=unknown, not ${JSON.stringify(text)}`);
  return [id, word];
}
