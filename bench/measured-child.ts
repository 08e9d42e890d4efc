import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { Cost } from './client/measured.ts';
import type { Answer, Request } from './client/requests.ts';

/** A client in a process of its own, so that its CPU time and memory are its own. */
export interface MeasuredChild {
  ask(request: Request): Promise<Cost>;
  end(): Promise<void>;
}

/** @param profileDir where the child leaves a CPU profile when it ends; `null` for none. */
export function startChild(file: string, profileDir: string | null): MeasuredChild {
  const profiling = profileDir === null ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileDir}`];
  const child = fork(file, [], { execArgv: profiling, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  return {
    ask: async (request) => {
      child.send(request);
      const [answer]: Answer[] = await Promise.race([
        once(child, 'message'),
        once(child, 'exit').then(() => [{ failed: `${file} ended by itself` }]),
      ]);
      if (answer === undefined || 'failed' in answer) throw new Error(answer?.failed ?? 'no answer');
      return answer.cost;
    },
    end: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      child.disconnect();
      await gone;
    },
  };
}
