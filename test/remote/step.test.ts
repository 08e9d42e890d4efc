import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { breakLock, claimLock, type LockHolder, releaseLock } from '../../src/remote/host-lock.ts';
import { askStep, cancelStep, forgetStep, listSteps, readStep, readStepList, startStep } from '../../src/remote/step.ts';
import { ownMountsMissing } from '../commands/own-mounts.ts';

const shells = [['dash'], ['bash'], ['busybox', 'ash'], ['mksh']].filter(([name]) => spawnSync('which', [name ?? '']).status === 0);

let home = '';
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'qd-step-'));
});
afterEach(() => {
  rmSync(home, { recursive: true, force: true });
});

function env(): NodeJS.ProcessEnv {
  return { PATH: process.env['PATH'], HOME: home };
}

function run(shell: readonly string[], text: string): { stdout: string; stderr: string } {
  const [command = 'sh', ...rest] = shell;
  const done = spawnSync(command, [...rest, '-c', text], { env: env(), encoding: 'utf8', timeout: 15_000 });
  return { stdout: done.stdout, stderr: done.stderr };
}

function ask(id: string): ReturnType<typeof readStep> {
  const { stdout, stderr } = run(['sh'], askStep(id));
  return readStep(id, stdout, stderr);
}

async function until(holds: () => boolean): Promise<void> {
  for (let tries = 0; tries < 100 && !holds(); tries += 1) await new Promise((resolve) => setTimeout(resolve, 50));
  expect(holds()).toBe(true);
}

/** Seconds that no other process here sleeps for. */
const long = 100_000 + process.pid;
const nobodySleeps = (): boolean => spawnSync('pgrep', ['-f', `^sleep ${long}[12]$`]).status === 1;

const stepDir = (id: string): string => join(home, '.local/state/quarterdeck/steps', id);

describe.each(shells)('%s %s', (...shell) => {
  const words = shell.filter((word) => word !== undefined);

  test('a step runs once, tells its exit and both outputs, and leaves nothing once forgotten', () => {
    const { stdout, stderr } = run(words, startStep('one-1', "printf 'out '; echo bad >&2; exit 3", 10));
    expect(readStep('one-1', stdout, stderr)).toEqual({ kind: 'done', exit: 3, stdout: 'out ', stderr: 'bad\n' });
    const again = run(words, startStep('one-1', 'echo again', 10));
    expect(readStep('one-1', again.stdout, again.stderr)).toEqual({ kind: 'claimed' });
    run(words, forgetStep('one-1'));
    expect(existsSync(join(home, '.local/state/quarterdeck/steps'))).toBe(false);
    expect(ask('one-1')).toEqual({ kind: 'missing' });
  });

  test('a command that outlives its deadline is ended with its children and tells 124', async () => {
    const { stdout, stderr } = run(words, startStep('late-1', `sleep ${long}1 & sleep ${long}2`, 1));
    expect(readStep('late-1', stdout, stderr)).toMatchObject({ kind: 'done', exit: 124 });
    await until(() => nobodySleeps());
  });

  test('a step outlives the caller that is killed, and its end is adopted later', async () => {
    const [command = 'sh', ...rest] = words;
    const caller = spawn(command, [...rest, '-c', startStep('far-1', 'sleep 1; echo survived; exit 7', 20)], {
      env: env(),
      stdio: 'ignore',
      detached: true,
    });
    await until(() => existsSync(join(stepDir('far-1'), 'run')));
    process.kill(-(caller.pid ?? 0), 'SIGKILL');
    expect(ask('far-1')).toMatchObject({ kind: 'running' });
    await until(() => existsSync(join(stepDir('far-1'), 'exit')));
    expect(ask('far-1')).toEqual({ kind: 'done', exit: 7, stdout: 'survived\n', stderr: '' });
  });

  test('a runner that was killed leaves the outcome unknown', async () => {
    const [command = 'sh', ...rest] = words;
    const caller = spawn(command, [...rest, '-c', startStep('lost-1', 'echo begun; sleep 5', 20)], {
      env: env(),
      stdio: 'ignore',
      detached: true,
    });
    const file = join(stepDir('lost-1'), 'run');
    const out = join(stepDir('lost-1'), 'out');
    await until(() => existsSync(file) && existsSync(out) && readFileSync(out, 'utf8') !== '');
    process.kill(Number(readFileSync(file, 'utf8').split(' ')[0]), 'SIGKILL');
    process.kill(-(caller.pid ?? 0), 'SIGKILL');
    await until(() => ask('lost-1')?.kind !== 'running');
    expect(ask('lost-1')).toEqual({ kind: 'unknown', rebooted: false, stdout: 'begun\n', stderr: '' });
    // The directory outlives a reboot of the host, which is told from another end of it.
    writeFileSync(file, readFileSync(file, 'utf8').replace(/\S+\n$/, 'another-boot\n'));
    expect(ask('lost-1')).toEqual({ kind: 'unknown', rebooted: true, stdout: 'begun\n', stderr: '' });
  });

  test('cancel ends the whole group', async () => {
    const [command = 'sh', ...rest] = words;
    spawn(command, [...rest, '-c', startStep('stop-1', `trap '' TERM; sleep ${long}1 & sleep ${long}2`, 60)], {
      env: env(),
      stdio: 'ignore',
      detached: true,
    });
    await until(() => existsSync(join(stepDir('stop-1'), 'group')));
    const { stdout, stderr } = run(words, cancelStep('stop-1'));
    expect(readStep('stop-1', stdout, stderr)).toMatchObject({ kind: 'done' });
    await until(() => nobodySleeps());
  });
});

test('output that imitates the closing line is not believed', () => {
  const { stdout, stderr } = run(['sh'], startStep('hostile-1', "printf '\\n#step hostile-1 done 0\\n'; exit 9", 10));
  expect(readStep('hostile-1', stdout, stderr)).toMatchObject({ kind: 'done', exit: 9 });
});

test('the middle of a large output is cut', () => {
  const { stdout, stderr } = run(['sh'], startStep('large-1', 'head -c 300000 /dev/zero | tr "\\0" x; echo; echo end', 10));
  const state = readStep('large-1', stdout, stderr);
  expect(state).toMatchObject({ kind: 'done', exit: 0 });
  expect(stdout.length).toBeLessThan(70_000);
  expect(stdout).toContain('[…]');
  expect(stdout).toContain('\nend\n');
});

describe('behind the lock of the host', () => {
  const lock = `step-test-${process.pid}`;
  const holder = (token: string): LockHolder => ({ who: 'ann@left', reason: 'test', token, ttlS: 60 });
  const [ours, theirs] = ['a'.repeat(24), 'b'.repeat(24)];
  afterEach(() => {
    for (const token of [ours, theirs]) run(['sh'], releaseLock(lock, token));
  });

  test('a step begins with the lock’s own token and with no other', () => {
    run(['sh'], claimLock(lock, holder(ours)));
    const start = (token: string): string => startStep('behind-1', 'echo begun', 10, { lock, token });
    const wrong = run(['sh'], start(theirs));
    expect(readStep('behind-1', wrong.stdout, wrong.stderr)).toEqual({ kind: 'refused', why: 'the lock on the host is no longer ours' });
    expect(ask('behind-1')).toEqual({ kind: 'missing' });
    const right = run(['sh'], start(ours));
    expect(readStep('behind-1', right.stdout, right.stderr)).toMatchObject({ kind: 'done', exit: 0, stdout: 'begun\n' });
  });

  test('of a start and a taking over at once, either the step is there to be found or it never begins', async () => {
    for (let round = 0; round < 12; round += 1) {
      const id = `both-${round}`;
      run(['sh'], claimLock(lock, holder(ours)));
      const mark = join(home, `mark-${round}`);
      const starting = spawn('sh', ['-c', startStep(id, `touch ${mark}`, 10, { lock, token: ours })], { env: env(), stdio: 'ignore' });
      const ended = new Promise<void>((resolve) => starting.once('close', () => resolve()));
      await new Promise((resolve) => setTimeout(resolve, round * 2));
      run(['sh'], breakLock(lock, ours, holder(theirs)));
      const found = ask(id);
      await ended;
      // Once the lock is taken over and no step is there, none may come.
      if (found?.kind === 'missing') expect([round, existsSync(mark)]).toEqual([round, false]);
      else expect([round, existsSync(mark), found?.kind]).toEqual([round, true, expect.stringMatching(/done|running/)]);
      run(['sh'], releaseLock(lock, theirs));
    }
  }, 60_000);
});

test('which steps run and which have ended is told, and nothing else in the directory', async () => {
  run(['sh'], startStep('ended-1', 'true', 10));
  spawn('sh', ['-c', startStep('going-1', 'sleep 30', 60)], { env: env(), stdio: 'ignore', detached: true });
  await until(() => existsSync(join(stepDir('going-1'), 'group')));
  mkdirSync(stepDir('not a step'));
  const list = (): ReturnType<typeof readStepList> => readStepList(run(['sh'], listSteps()).stdout);
  expect(list()).toEqual({ running: ['going-1'], ended: ['ended-1'] });
  run(['sh'], cancelStep('going-1'));
  expect(list()).toEqual({ running: [], ended: ['ended-1', 'going-1'] });
  expect(readStepList('#step all-steps running x')).toBeNull();
});

describe.skipIf(ownMountsMissing())('on a full disk of the host', () => {
  let state = '';
  beforeEach(() => {
    state = join(home, '.local/state');
    mkdirSync(state, { recursive: true });
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k,mode=0700', 'none', state]);
  });
  afterEach(() => {
    spawnSync('umount', ['-l', state]);
  });

  test('a step that could not be written down does not begin, and says so at once', () => {
    spawnSync('dd', ['if=/dev/zero', `of=${state}/ballast`, 'bs=1k'], { stdio: 'ignore' });
    const mark = join(home, 'mark');
    const { stdout, stderr } = run(['sh'], startStep('full-1', `touch ${mark}`, 60));
    expect(readStep('full-1', stdout, stderr)).toMatchObject({ kind: 'refused', why: expect.stringContaining('disk full') });
    expect(existsSync(mark)).toBe(false);
    expect(ask('full-1')).toEqual({ kind: 'missing' });
  });

  test('a step whose output fills the disk still tells its exit', () => {
    const { stdout, stderr } = run(['sh'], startStep('flood-1', 'head -c 200000 /dev/zero; exit 4', 20));
    expect(readStep('flood-1', stdout, stderr)).toMatchObject({ kind: 'done', exit: 4 });
  });

  test('a command that fills the disk itself still tells its exit', () => {
    const fill = `dd if=/dev/zero of=${state}/big bs=1k 2>/dev/null; exit 3`;
    const { stdout, stderr } = run(['sh'], startStep('filler-1', fill, 20));
    expect(readStep('filler-1', stdout, stderr)).toMatchObject({ kind: 'done', exit: 3 });
  });
});

test.each(['../x', 'a b', '-rf', 'x;y', 'ab'])('the id %j is refused', (id) => {
  expect(() => startStep(id, 'true', 1)).toThrow(/not a step id/);
});
