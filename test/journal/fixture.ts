import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { NewEntry } from '../../src/journal/entry.ts';

export const clock = () => new Date('2026-11-01T14:07:31.250Z');

export function newEntry(change: Partial<NewEntry> = {}): NewEntry {
  return {
    kind: 'intent',
    actionId: 'a1',
    who: 'ops@deck',
    env: 'prod',
    targets: ['web1'],
    command: "systemctl restart 'pencils'",
    outcome: null,
    detail: { reason: 'down', seen: [1, null, true] },
    ...change,
  };
}

/** A directory that is gone after the test. */
export function ownDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'qd-journal-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** A writer in a process of its own; see writer.ts for what it prints. */
export function startWriter(args: { dir: string; name: string; count: number; command?: readonly string[] }): ChildProcess {
  const node = [process.execPath, join(import.meta.dirname, 'writer.ts'), args.dir, args.name, String(args.count)];
  const [program = '', ...rest] = [...(args.command ?? []), ...node];
  const child = spawn(program, rest, { stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

/** All it printed, once it ended. */
export async function outputOf(child: ChildProcess): Promise<string> {
  let out = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    out += chunk.toString();
  });
  child.stderr?.resume();
  await new Promise((done) => child.on('close', done));
  return out;
}

/** Action ids of the entries a writer got acknowledged. A line cut off by a kill is no acknowledgement. */
export function acknowledged(output: string): readonly string[] {
  return output
    .split('\n')
    .slice(0, -1)
    .filter((line) => line.startsWith('ack '))
    .map((line) => line.slice(4));
}

/** In CI a missing part of the system is a failure, elsewhere the test is skipped under its name. */
export function skipWithout(available: boolean): boolean {
  return !available && process.env['CI'] !== 'true';
}
