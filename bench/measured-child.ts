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
  let settle: ((answer: Answer) => void) | null = null;
  child.on('message', (answer: Answer) => settle?.(answer));
  child.on('exit', () => settle?.({ failed: `${file} ended by itself` }));
  return {
    ask: async (request) => {
      const { promise, resolve } = Promise.withResolvers<Answer>();
      settle = resolve;
      child.send(request);
      const answer = await promise;
      if ('failed' in answer) throw new Error(answer.failed);
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
