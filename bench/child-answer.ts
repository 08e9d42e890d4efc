import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

/** A program of the bundle that answers one message; it goes on running until `end`. */
export interface AnsweringChild<Answer> {
  readonly answer: Answer;
  end(): Promise<void>;
}

/** @param profileDir where the child leaves a CPU profile when it ends; `null` for none. */
export async function askChild<Answer>(
  file: string,
  request: number | object,
  profileDir: string | null = null,
): Promise<AnsweringChild<Answer>> {
  const execArgv = profileDir === null ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileDir}`];
  const child = fork(file, [], { execArgv, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  child.on('message', (answer: Answer) => resolve(answer));
  child.on('exit', () => reject(new Error(`${file} ended by itself`)));
  child.send(request);
  const answer = await promise;
  return { answer, end: () => leave(child) };
}

async function leave(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.disconnect();
  await gone;
}
