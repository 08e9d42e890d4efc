import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { breakLock, claimLock, readLock, readLockAnswer, releaseLock, renewLock, type LockHolder } from '../../src/remote/host-lock.ts';

const shells = [['dash'], ['bash'], ['busybox', 'ash'], ['mksh']].filter(([name]) => spawnSync('which', [name ?? '']).status === 0);

let name = '';
beforeEach(() => {
  name = `test-${process.pid}-${randomBytes(4).toString('hex')}`;
});
afterEach(() => {
  rmSync(place(), { recursive: true, force: true });
});

function place(): string {
  const asked = run(['sh'], `${readLock(name)}; echo "$L"`);
  return asked.trimEnd().split('\n').at(-1) ?? '';
}

function run(shell: readonly string[], text: string): string {
  const [command = 'sh', ...rest] = shell;
  return spawnSync(command, [...rest, '-c', text], { encoding: 'utf8', timeout: 10_000 }).stdout;
}

const holder = (who: string): LockHolder => ({ who, reason: "it's a \"test\" $(id) 'x'", token: randomBytes(8).toString('hex'), ttlS: 60 });

describe.each(shells)('%s %s', (...words) => {
  const shell = words.filter((word) => word !== undefined);
  const ask = (text: string): ReturnType<typeof readLockAnswer> => readLockAnswer(run(shell, text));

  test('a lock is free, then ours, told to others with its holder, and free again', () => {
    const ann = holder('ann@a');
    const bob = holder('bob@b');
    expect(ask(readLock(name))).toEqual({ kind: 'not-yours', state: { kind: 'free' } });
    expect(ask(claimLock(name, ann))).toMatchObject({ kind: 'ours' });
    expect(ask(claimLock(name, bob))).toMatchObject({ kind: 'not-yours', state: { kind: 'held', holder: ann } });
    expect(ask(renewLock(name, ann))).toMatchObject({ kind: 'ours' });
    expect(ask(releaseLock(name, bob.token))).toMatchObject({ kind: 'not-yours', state: { kind: 'held', holder: ann } });
    expect(ask(releaseLock(name, ann.token))).toEqual({ kind: 'released' });
    expect(ask(renewLock(name, ann))).toEqual({ kind: 'not-yours', state: { kind: 'free' } });
  });

  test('a lock left behind tells its age, and is broken only for the holder that was seen', () => {
    const [ann, bob, eve] = [holder('ann@a'), holder('bob@b'), holder('eve@e')];
    ask(claimLock(name, ann));
    const old = Date.now() / 1000 - 500;
    utimesSync(`${place()}/holder`, old, old);
    const seen = ask(readLock(name));
    expect(seen?.kind === 'not-yours' && seen.state.kind === 'held' && seen.state.ageS).toBeGreaterThanOrEqual(499);
    expect(ask(breakLock(name, ann.token, bob))).toMatchObject({ kind: 'ours' });
    expect(ask(breakLock(name, ann.token, eve))).toMatchObject({ kind: 'not-yours', state: { kind: 'held', holder: bob } });
    expect(ask(renewLock(name, ann))).toMatchObject({ kind: 'not-yours' });
    expect(ask(renewLock(name, bob))).toMatchObject({ kind: 'ours' });
  });

  test('a lock that a reboot swept away is claimed again, unless somebody was there first; one that is gone without a reboot is lost', () => {
    const [ann, bob] = [holder('ann@a'), holder('bob@b')];
    const claimed = ask(claimLock(name, ann));
    const boot = claimed?.kind === 'ours' ? claimed.boot : null;
    expect(boot).toBe(readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim());
    rmSync(place(), { recursive: true });
    expect(ask(renewLock(name, ann, boot))).toEqual({ kind: 'not-yours', state: { kind: 'free' } });
    expect(ask(renewLock(name, ann, 'the-boot-before'))).toEqual({ kind: 'ours', boot });
    expect(ask(readLock(name))).toMatchObject({ state: { kind: 'held', holder: ann } });
    rmSync(place(), { recursive: true });
    ask(claimLock(name, bob));
    expect(ask(renewLock(name, ann, 'the-boot-before'))).toMatchObject({ kind: 'not-yours', state: { kind: 'held', holder: bob } });
  });

  test('a claimer that died before writing who it is still holds it, by nobody’s name', () => {
    mkdirSync(place());
    expect(ask(claimLock(name, holder('bob@b')))).toMatchObject({ kind: 'not-yours', state: { kind: 'held', holder: null } });
    expect(ask(breakLock(name, '', holder('bob@b')))).toMatchObject({ kind: 'ours' });
  });
});

test('of forty claims at once exactly one is granted', async () => {
  const answers = await Promise.all(Array.from({ length: 40 }, (_, index) => concurrently(claimLock(name, holder(`op${index}@x`)))));
  expect(answers.filter((answer) => answer?.kind === 'ours')).toHaveLength(1);
});

test('of twenty breakers of the same lock exactly one is granted', async () => {
  const ann = holder('ann@a');
  run(['sh'], claimLock(name, ann));
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, index) => concurrently(breakLock(name, ann.token, holder(`op${index}@x`)))),
  );
  expect(answers.filter((answer) => answer?.kind === 'ours')).toHaveLength(1);
});

test('a release and a break at once leave the breaker’s lock alone', async () => {
  for (let round = 0; round < 15; round += 1) {
    const [ann, bob] = [holder('ann@a'), holder('bob@b')];
    run(['sh'], claimLock(name, ann));
    const [released, broken] = await Promise.all([
      concurrently(releaseLock(name, ann.token)),
      concurrently(breakLock(name, ann.token, bob)),
    ]);
    expect([round, broken]).toMatchObject([round, { kind: 'ours' }]);
    expect(['released', 'not-yours']).toContain(released?.kind);
    expect([round, readLockAnswer(run(['sh'], renewLock(name, bob)))]).toMatchObject([round, { kind: 'ours' }]);
    run(['sh'], releaseLock(name, bob.token));
  }
}, 60_000);

test('which process holds it is told, and nonsense in its place is not', () => {
  const ann = { ...holder('ann@a'), console: { machine: 'boot pid:[1]', pid: 4711, started: '99' } };
  run(['sh'], claimLock(name, ann));
  const told = readLockAnswer(run(['sh'], readLock(name)));
  expect(told).toMatchObject({ state: { holder: ann } });
  writeFileSync(`${place()}/holder`, `${ann.token}\n${JSON.stringify({ ...ann, console: { machine: 1, pid: -1 } })}\n`);
  const odd = readLockAnswer(run(['sh'], readLock(name)));
  expect(odd?.kind === 'not-yours' && odd.state.kind === 'held' && odd.state.holder).not.toHaveProperty('console');
});

test.each(['../x', 'a/b', '-x', ''])('the lock name %j is refused', (bad) => {
  expect(() => readLock(bad)).toThrow(/not a lock name/);
});

function concurrently(text: string): Promise<ReturnType<typeof readLockAnswer>> {
  return new Promise((resolve) => {
    const child = spawn('sh', ['-c', text], { stdio: ['ignore', 'pipe', 'ignore'] });
    let out = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      out += chunk;
    });
    child.on('close', () => resolve(readLockAnswer(out)));
  });
}
