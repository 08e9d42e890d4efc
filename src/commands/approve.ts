import { withExecutor } from './act.ts';
import type { GlobalOptions } from './global-options.ts';
import { exitCode, UsageError } from './usage-error.ts';

/** Lists what waits for a second person, or approves one of it. */
export function approve(options: GlobalOptions, hash: string | null): Promise<number> {
  if (hash !== null && !/^[0-9a-f]{8,64}$/.test(hash))
    throw new UsageError('approve takes at least 8 hexadecimal digits of the plan’s hash');
  return withExecutor(
    options,
    { dryRun: false },
    () => true,
    async (_session, executor) => {
      const pending = await executor.approvals.pending();
      if (hash === null) {
        if (pending.length === 0) process.stdout.write('nothing waits for approval\n');
        for (const request of pending) {
          process.stdout.write(`${request.hash.slice(0, 8)}  ${request.title}, asked by ${request.who} ${request.ageS} s ago\n`);
          for (const command of request.commands) process.stdout.write(`          ${command.replaceAll('\n', '\n            ')}\n`);
        }
        return exitCode.ok;
      }
      const [request, second] = pending.filter((each) => each.hash.startsWith(hash));
      if (request === undefined) throw new UsageError(`nothing with ${hash} waits for approval; quarterdeck approve lists what does`);
      if (second !== undefined) throw new UsageError(`${hash} fits several requests; give more digits`);
      if (options.readOnly) return refused('started with --read-only: nothing is approved');
      const refusal = await executor.approvals.give(request);
      if (refusal !== null) return refused(refusal.message);
      process.stdout.write(`approved: ${request.title}, asked by ${request.who}\n`);
      return exitCode.ok;
    },
  );
}

function refused(message: string): number {
  process.stderr.write(`refused: ${message}\n`);
  return exitCode.refused;
}
