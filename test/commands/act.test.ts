import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sshdMissing } from '../sshd/sshd.ts';
import { actSchema, parsed, statusSchema } from './contract.ts';
import { type InitFleet, startInitFleet } from './init-fleet.ts';
import { inOwnMounts, ownMountsMissing } from './own-mounts.ts';
import { buildProgram, type Ended, ended, quarterdeck, startProgram } from './program.ts';

describe.skipIf(sshdMissing() || ownMountsMissing())('act restart on real servers', () => {
  let slow: InitFleet;
  const slowRuns = new Map<string, Promise<Ended>>();

  // These restarts are watched for as long as a service may take to come up; the others run meanwhile.
  beforeAll(async () => {
    buildProgram();
    slow = await startInitFleet(['wont', 'stuck', 'lost'], 'ssh2');
    slow.app('wont').set('does not start');
    slow.app('stuck').set('does nothing');
    slow.app('lost').set('hangs');
    for (const name of ['wont', 'stuck', 'lost']) slowRuns.set(name, slow.restart(name, '--confirm', name, '--json'));
    // The host goes in the middle of the command, and stays away.
    while (slow.app('lost').asked() === 0) await sleep(50);
    await slow.server('lost').stop();
  }, 60_000);

  afterAll(async () => {
    await Promise.allSettled(slowRuns.values());
    await slow?.stop();
  }, 150_000);

  describe.each(['ssh2', 'openssh'] as const)('over %s', (transport) => {
    let on: InitFleet;

    beforeAll(async () => {
      on = await startInitFleet(['good', 'error', 'checked'], transport);
    }, 60_000);

    afterAll(() => on?.stop());

    test('without --confirm the plan is shown with its word, exit 4, and nothing is sent or written', async () => {
      const ran = await on.restart('good');
      expect(ran.status).toBe(4);
      expect(ran.stdout).toContain('service app restart');
      expect(ran.stdout).toContain('not confirmed: add --confirm good');
      const wrong = await on.restart('good', '--confirm', 'Good');
      expect(wrong.status).toBe(4);
      const dry = await on.restart('good', '--dry-run', '--confirm', 'good', '--json');
      expect(dry.status).toBe(0);
      expect(parsed(actSchema, dry.stdout)).toMatchObject({ plan: { title: 'Restart app-good on good' }, outcome: null });
      expect(on.app('good').asked()).toBe(0);
      expect(await on.journal('good')).toEqual([]);
    });

    test('--read-only refuses, exit 5, and nothing is sent', async () => {
      const ran = await on.run('good', ['--read-only', 'act', 'restart', 'good/app-good', '--confirm', 'good']);
      expect(ran).toMatchObject({ status: 5, stdout: '' });
      expect(ran.stderr.trim().split('\n').at(-1)).toBe('refused: started with --read-only: no change is made');
      expect(on.app('good').asked()).toBe(0);
    });

    test('a restart that works is proved by another process on the port, exit 0, and journaled before and after', async () => {
      const before = on.app('good').pid();
      const ran = await on.restart('good', '--confirm', 'good', '--json');
      const { plan, outcome } = parsed(actSchema, ran.stdout);
      expect(outcome).toMatchObject({ kind: 'ok' });
      expect(outcome?.evidence).toEqual(
        expect.arrayContaining([expect.stringMatching(/^started anew: socket \d+$/), `port ${on.app('good').port}: listening`]),
      );
      expect(ran.status).toBe(0);
      expect(on.app('good').asked()).toBe(1);
      expect(on.app('good').pid()).not.toBe(before);
      const entries = (await on.journal('good')).filter((entry) => entry.actionId === plan?.id);
      expect(entries.map((entry) => [entry.kind, entry.outcome])).toEqual([
        ['intent', null],
        ['outcome', 'ok'],
      ]);
      const expected = { targets: ['good/app-good'], command: 'service app restart', env: 'default' };
      for (const entry of entries) expect(entry).toMatchObject(expected);
      const verified = await on.run('good', ['journal', 'verify']);
      expect(verified).toMatchObject({ status: 0, stderr: '' });
      expect(verified.stdout).toMatch(/^ok: \d+ entries, head [0-9a-f]{64}\n$/);
    });

    test('one flipped byte of the journal is found, exit 1, and the entry is named', async () => {
      const place = on.state('flipped');
      mkdirSync(place, { mode: 0o700 });
      for (const file of ['journal.sqlite', 'journal.head']) {
        const from = join(on.state('good'), file);
        if (existsSync(from)) writeFileSync(join(place, file), readFileSync(from), { mode: 0o600 });
      }
      const file = join(place, 'journal.sqlite');
      const bytes = readFileSync(file);
      const at = bytes.indexOf('service app restart');
      expect(at).toBeGreaterThan(0);
      bytes[at] = (bytes[at] ?? 0) ^ 1;
      writeFileSync(file, bytes);
      const ran = await on.run('flipped', ['journal', 'verify']);
      expect(ran).toMatchObject({ status: 1, stdout: '' });
      expect(ran.stderr).toMatch(/entry \d+/i);
      expect(ran.stderr.trimEnd().split('\n')).toHaveLength(1);
    });

    test('a second restart of the same service soon after needs a reason, which the journal keeps', async () => {
      const asked = on.app('good').asked();
      const refused = await on.restart('good', '--confirm', 'good');
      expect(refused).toMatchObject({ status: 5, stderr: expect.stringContaining('say why again') });
      expect(on.app('good').asked()).toBe(asked);
      const ran = await on.restart('good', '--confirm', 'good', '--reason', 'it leaks');
      expect(ran.status).toBe(0);
      expect(on.app('good').asked()).toBe(asked + 1);
      expect((await on.journal('good')).findLast((entry) => entry.kind === 'intent')?.detail).toMatchObject({ reason: 'it leaks' });
    });

    test('a change goes on to its end and into the journal when whoever read its progress has gone', async () => {
      const asked = on.app('good').asked();
      const args = ['--fleet', on.fleet, '--state-dir', on.state('piped'), 'act', 'restart', 'good/app-good', '--confirm', 'good'];
      const child = startProgram(args, { home: on.home });
      const end = ended(child);
      child.stdout?.destroy();
      child.stderr?.destroy();
      expect(await end).toMatchObject({ status: 0, signal: null });
      expect(on.app('good').asked()).toBe(asked + 1);
      expect((await on.journal('piped')).at(-1)).toMatchObject({ kind: 'outcome', outcome: 'ok' });
    });

    test('a script that ends with an error is a failure with its first words, and an environment without danger asks for y', async () => {
      on.app('error').set('ends with an error');
      const ran = await on.restart('error', '--confirm', 'y');
      expect(ran.status).toBe(1);
      expect(ran.stdout).toContain('failed: the command ended with exit 7: app: no such directory');
      expect(on.app('error').asked()).toBe(1);
    });

    test('a precheck that fails refuses, exit 5, and the restart is not sent', async () => {
      const ran = await on.restart('checked', '--confirm', 'checked');
      expect(ran.status).toBe(5);
      expect(ran.stderr).toMatch(/^refused: the precheck test -f .* failed \(exit 1\)/m);
      expect(on.app('checked').asked()).toBe(0);
      expect((await on.journal('checked')).at(-1)).toMatchObject({ kind: 'outcome', outcome: 'refused' });
      writeFileSync(join(on.home, 'config-is-good'), '');
      expect((await on.restart('checked', '--confirm', 'checked')).status).toBe(0);
      expect(on.app('checked').asked()).toBe(1);
    });

    test('what may not or cannot be restarted is refused before anything is asked of anybody', async () => {
      const asked = on.app('good').asked();
      const refusals = [
        { target: 'good/session', status: 5, says: 'stateful' },
        { target: 'good/nginx', status: 5, says: 'it has app-good, session' },
        { target: 'better/app', status: 64, says: 'no host "better"' },
        { target: 'good', status: 64, says: 'HOST/SERVICE' },
      ];
      for (const { target, status, says } of refusals) {
        const ran = await on.run('good', ['act', 'restart', target, '--confirm', 'good']);
        expect(ran, target).toMatchObject({ status, stderr: expect.stringContaining(says) });
      }
      expect(on.app('good').asked()).toBe(asked);
    });

    test('a state directory on a full disk refuses every change, exit 5, and status still works', async () => {
      const asked = on.app('good').asked();
      const disk = join(on.home, 'full');
      mkdirSync(disk, { mode: 0o700 });
      const full = inOwnMounts(
        `mount -t tmpfs -o size=64k,mode=700 none ${disk}`,
        `cat /dev/zero >${join(disk, 'fill')} 2>/dev/null || true`,
      );
      const onFull = (...args: readonly string[]): Promise<Ended> =>
        quarterdeck(['--fleet', on.fleet, '--state-dir', join(disk, 'qd'), ...args], { home: on.home, under: full });
      const act = await onFull('act', 'restart', 'good/app-good', '--confirm', 'good');
      expect(act.stderr).toMatch(/^refused: the journal cannot be written .*full.*$/m);
      expect(act.status).toBe(5);
      // Nothing has to be armed here, so that the intent itself is what cannot be written.
      expect((await onFull('act', 'restart', 'error/app-error', '--confirm', 'y')).status).toBe(5);
      expect(on.app('good').asked()).toBe(asked);
      expect(on.app('error').asked()).toBe(1);
      const status = await onFull('status', '--json', 'good');
      expect(parsed(statusSchema, status.stdout).hosts).toMatchObject([{ name: 'good', reach: 'ok', health: 'ok' }]);
      expect(status.status).toBe(0);
    });

    test('a state directory that others may write in refuses every change, exit 5', async () => {
      const asked = on.app('good').asked();
      mkdirSync(on.state('open'));
      const opened = ['sh', '-c', `chmod 777 ${on.state('open')} && exec "$@"`, 'sh'];
      const ran = await on.run('open', ['act', 'restart', 'good/app-good', '--confirm', 'good'], opened);
      expect(ran).toMatchObject({ status: 5, stdout: '' });
      expect(ran.stderr.trimEnd().split('\n').at(-1)).toContain('Others may write in the state directory');
      expect(on.app('good').asked()).toBe(asked);
    });
  });

  describe('watched to the end', () => {
    const outcomeOf = async (name: string): Promise<{ status: number | null; outcome: unknown }> => {
      const ran = await slowRuns.get(name);
      return { status: ran?.status ?? null, outcome: parsed(actSchema, ran?.stdout ?? '').outcome };
    };

    test('a script that prints “Did not start.” and exits 0 is a failure, exit 1, in its own words', async () => {
      const { status, outcome } = await outcomeOf('wont');
      expect(outcome).toMatchObject({ kind: 'failed', summary: expect.stringContaining('Did not start.') });
      expect(status).toBe(1);
      expect((await slow.journal('wont')).at(-1)).toMatchObject({ kind: 'outcome', outcome: 'failed' });
    }, 90_000);

    test('a script that says it restarted but did nothing is a failure: still the same process', async () => {
      const { status, outcome } = await outcomeOf('stuck');
      expect(outcome).toMatchObject({ kind: 'failed', summary: expect.stringContaining('still the same process as before') });
      expect(status).toBe(1);
    }, 90_000);

    test('a host that is lost in mid-command leaves the outcome unknown, exit 3, and is not asked again', async () => {
      const { status, outcome } = await outcomeOf('lost');
      expect(outcome).toMatchObject({ kind: 'unknown', summary: expect.stringContaining('lost cannot be reached') });
      expect(status).toBe(3);
      expect(slow.app('lost').asked()).toBe(1);
      const entries = await slow.journal('lost');
      expect(entries.map((entry) => entry.kind).slice(-2)).toEqual(['intent', 'outcome']);
      expect(entries.at(-1)).toMatchObject({ outcome: 'unknown' });
    }, 150_000);
  });
});
