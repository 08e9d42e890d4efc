import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { hostCommand, sudoPrefix, withHostDeadline } from '../../src/remote/deadline.ts';

const shells: readonly (readonly string[])[] = [['sh'], ['dash'], ['busybox', 'ash'], ['bash'], ['mksh']];

function skip(shell: readonly string[]): boolean {
  const missing = spawnSync(shell[0] ?? '', ['--help'], { stdio: 'ignore' }).error !== undefined;
  if (missing && process.env.CI === 'true') throw new Error(`${shell.join(' ')} must be installed in CI.`);
  return missing;
}

/** Runs shell text and waits for its exit status and output. */
async function run(
  shell: readonly string[],
  script: string,
  input = '',
  env: NodeJS.ProcessEnv = process.env,
): Promise<{ code: number | null; out: string }> {
  const [file = 'sh', ...args] = shell;
  const child = spawn(file, [...args, '-c', script], { stdio: ['pipe', 'pipe', 'inherit'], env });
  // A command may end without having read it.
  child.stdin.on('error', () => {}).end(input);
  const code = new Promise<number | null>((resolve) => child.once('exit', resolve));
  return { out: await text(child.stdout), code: await code };
}

function alive(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

/** A killed process may be there for a moment longer. */
async function gone(pid: number): Promise<boolean> {
  for (let looks = 0; looks < 50 && alive(pid); looks += 1) await new Promise((resolve) => setTimeout(resolve, 20));
  return !alive(pid);
}

describe.concurrent.each(shells.map((shell) => [shell.join(' '), shell] as const))('a host deadline under %s', (_name, shell) => {
  it.skipIf(skip(shell))('leaves a command that is quick enough alone: status, output, input', async () => {
    expect(await run(shell, withHostDeadline(`read -r line; printf '%s' "got $line's"; exit 3`, 30), 'one\n')).toEqual({
      code: 3,
      out: "got one's",
    });
    expect(await run(shell, withHostDeadline('exit 0', 30))).toEqual({ code: 0, out: '' });
  });

  it.skipIf(skip(shell))('passes TERM on to the command and all that it started, and ends only after it', async () => {
    const [file = 'sh', ...args] = shell;
    const command = "trap 'sleep 0.2; echo said; exit 7' TERM; sleep 44 & echo $!; wait";
    const child = spawn(file, [...args, '-c', withHostDeadline(command, 30)], { stdio: ['ignore', 'pipe', 'inherit'] });
    const code = new Promise<number | null>((resolve) => child.once('exit', resolve));
    const out = text(child.stdout);
    await new Promise((resolve) => child.stdout.once('readable', resolve));
    child.kill('SIGTERM');
    expect(await code).toBe(143);
    const [pid, said] = (await out).split('\n');
    expect(said).toBe('said');
    expect(await gone(Number(pid))).toBe(true);
  });

  it.skipIf(skip(shell))('ends a command that is too slow, with status 124, and all that it started', async () => {
    const { code, out } = await run(shell, withHostDeadline("sleep 41 & (trap '' TERM; sleep 42) & echo $!; sleep 43", 1));
    expect(code).toBe(124);
    expect(await gone(Number(out.trim()))).toBe(true);
  });

  it.skipIf(skip(shell))('kills a command that ignores the polite request', async () => {
    const { code, out } = await run(shell, withHostDeadline("trap '' TERM; echo $$; while :; do sleep 1; done", 1));
    expect(code).toBe(124);
    expect(await gone(Number(out.trim()))).toBe(true);
  });
});

describe('a host deadline', () => {
  it('still ends the command itself where there is no setsid', async () => {
    // A PATH with nothing but what POSIX demands here.
    const script = `d=$(mktemp -d); for p in sh sleep; do ln -s "$(command -v $p)" $d/; done; PATH=$d; export PATH; ${withHostDeadline('echo $$; exec sleep 44', 1)}`;
    const { code, out } = await run(['sh'], script);
    expect(code).toBe(124);
    expect(await gone(Number(out.trim()))).toBe(true);
  });

  it('leaves no watchdog behind, however soon the command ends', async () => {
    for (let times = 0; times < 20; times += 1) await run(['sh'], withHostDeadline('exit 0', 4_711));
    const left = (): boolean => spawnSync('pgrep', ['-f', '^sleep 4711$']).status === 0;
    // A killed process may be seen for a moment longer.
    for (let tries = 0; tries < 40 && left(); tries += 1) await new Promise((resolve) => setTimeout(resolve, 50));
    expect(left()).toBe(false);
  });
});

describe('privileges', () => {
  it('never let sudo ask for a password', () => {
    expect(sudoPrefix({ kind: 'no' })).toEqual([]);
    expect(sudoPrefix({ kind: 'root' })).toEqual(['sudo', '-n', '--']);
    expect(sudoPrefix({ kind: 'user', user: 'app' })).toEqual(['sudo', '-n', '-u', 'app', '--']);
  });

  it('put the deadline inside sudo, which we could not signal', () => {
    expect(hostCommand('id -u', { seconds: 5, sudo: { kind: 'root' } })).toMatch(/^exec sudo -n -- sh -c '/);
    expect(hostCommand('id -u', { seconds: 5, sudo: { kind: 'no' } })).toBe(withHostDeadline('id -u', 5));
  });

  const canSudo = spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0;
  it.skipIf(!canSudo)('run and are limited under a real sudo', async () => {
    expect(await run(['sh'], hostCommand("printf '%s' \"$(id -u) it's\"", { seconds: 20, sudo: { kind: 'root' } }))).toEqual({
      code: 0,
      out: "0 it's",
    });
    expect((await run(['sh'], hostCommand('sleep 45', { seconds: 1, sudo: { kind: 'root' } }))).code).toBe(124);
  });
});
