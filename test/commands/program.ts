import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const bundle = join(root, 'dist', 'main.js');

/** The starter, which makes the bundle anew where the source is newer. */
export const starter = join(root, 'bin', 'quarterdeck');

/** What a finished program left behind. */
export interface Ended {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ProgramOptions {
  /** Home folder of the person: nothing of the one who runs the tests takes part. */
  readonly home: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Words before the program's own, e.g. of `inOwnMounts`. */
  readonly under?: readonly string[];
}

const longestRunMs = 150_000;

/** Builds the program once; for `beforeAll`. */
export function buildProgram(): void {
  execFileSync('sh', [starter, '--version'], { env: { ...process.env, PATH: searchPath() }, stdio: 'pipe' });
}

/** Starts the real program. */
export function startProgram(args: readonly string[], options: ProgramOptions): ChildProcess {
  const [file = process.execPath, ...words] = [...(options.under ?? []), process.execPath, bundle, ...args];
  return spawn(file, words, {
    cwd: options.home,
    env: { PATH: searchPath(), HOME: options.home, LANG: 'C.UTF-8', ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Runs the real program to its end. */
export function quarterdeck(args: readonly string[], options: ProgramOptions): Promise<Ended> {
  return ended(startProgram(args, options));
}

/** Resolves when the program has ended and all it wrote was read. */
export function ended(child: ChildProcess): Promise<Ended> {
  const { promise, resolve, reject } = Promise.withResolvers<Ended>();
  const timer = setTimeout(() => child.kill('SIGKILL'), longestRunMs);
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (text: string) => {
      said[name] += text;
    });
  }
  child.once('error', reject);
  child.once('close', (status, signal) => {
    clearTimeout(timer);
    resolve({ status, signal, ...said });
  });
  return promise;
}

function searchPath(): string {
  return `${dirname(process.execPath)}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`;
}
