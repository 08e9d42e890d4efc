import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawn } from '@lydell/node-pty';
import { figure, median } from './figures.ts';
import { printTable } from './table.ts';

const starts = 9;

/** Time from the start of the built console to its first painted frame, and of Node alone beside it. */
export async function benchStart(): Promise<void> {
  execFileSync(process.execPath, ['scripts/build.mjs'], { stdio: 'inherit' });
  const directory = mkdtempSync(join(tmpdir(), 'qd-bench-start-'));
  const env = { ...process.env, XDG_STATE_HOME: directory, XDG_CONFIG_HOME: directory, HOME: directory, TERM: 'xterm-256color' };
  const console: number[] = [];
  const node: number[] = [];
  const version: number[] = [];
  try {
    // The first start fills the compile cache.
    await firstFrame(env);
    for (let start = 0; start < starts; start += 1) {
      node.push(untilExit(['-e', '0'], env));
      version.push(untilExit(['dist/main.js', '--version'], env));
      console.push(await firstFrame(env));
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
  const row = (name: string, times: readonly number[]): string[] => [name, figure(median(times)), figure(Math.min(...times))];
  printTable(
    `Start to first frame, ${starts} interleaved starts`,
    ['what', 'median, ms', 'best, ms'],
    [row('node -e 0', node), row('quarterdeck --version', version), row('quarterdeck demo, first frame', console)],
    ['With the compile cache filled; the demo opens its own SSH servers before it shows anything.'],
  );
}

function untilExit(args: readonly string[], env: NodeJS.ProcessEnv): number {
  const began = performance.now();
  spawnSync(process.execPath, [...args], { env, stdio: 'ignore' });
  return performance.now() - began;
}

/** Opens the console in a pseudo-terminal; the first frame is painted when its title line stands there. */
async function firstFrame(env: NodeJS.ProcessEnv): Promise<number> {
  const began = performance.now();
  const pty = spawn(process.execPath, ['dist/main.js', 'demo'], { cols: 120, rows: 40, cwd: process.cwd(), env });
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  let seen = '';
  pty.onData((text) => {
    seen += text;
    if (seen.includes('DEMO')) resolve(performance.now() - began);
  });
  const gone = new Promise<void>((done) => pty.onExit(() => done()));
  const timer = setTimeout(() => reject(new Error(`no frame within 20 s: ${seen.slice(0, 200)}`)), 20_000);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    pty.kill('SIGTERM');
    await gone;
  }
}
