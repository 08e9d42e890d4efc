import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RunningSshd, sshdMissing, startSshd } from '../sshd/sshd.ts';
import { actSchema, type EntryJson, entrySchema, parsed, statusSchema } from './contract.ts';
import { type ListedHost, sshSection, writeFleet } from './fleet-text.ts';
import { type InitService, initService } from './init-script.ts';
import { inOwnMounts, ownMountsMissing } from './own-mounts.ts';
import { buildProgram, type Ended, ended, quarterdeck, startProgram } from './program.ts';

const names = ['good', 'wont', 'error', 'checked'];
/** Restarts here are watched for as long as a service may take to come up: those runs go beside the others. */
const slowNames = ['stuck', 'lost'];
const transports = [
  { transport: 'ssh2', names: [...names, ...slowNames] },
  { transport: 'openssh', names },
] as const;

describe.skipIf(sshdMissing() || ownMountsMissing()).each(transports)(
  'act restart on real servers, over $transport',
  ({ transport, names }) => {
    const apps = new Map<string, InitService>();
    const servers = new Map<string, RunningSshd>();
    let home: string;
    let fleet: string;
    let stuck: Promise<Ended> | null = null;
    let lost: Promise<Ended> | null = null;

    const app = (name: string): InitService => apps.get(name) ?? missing(name);
    const state = (name: string): string => join(home, 'state', name);
    const run = (name: string, args: readonly string[], under: readonly string[] = []): Promise<Ended> =>
      quarterdeck(['--fleet', fleet, '--state-dir', state(name), ...args], { home, under });
    const restart = (name: string, ...more: readonly string[]): Promise<Ended> =>
      run(name, ['act', 'restart', `${name}/app-${name}`, ...more]);
    const journal = async (name: string): Promise<EntryJson[]> => {
      const ran = await run(name, ['journal', 'tail', '-n', '100', '--json']);
      expect(ran.status).toBe(0);
      return ran.stdout
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => parsed(entrySchema, line));
    };

    beforeAll(async () => {
      buildProgram();
      home = mkdtempSync(join(tmpdir(), 'qd-act-'));
      mkdirSync(join(home, 'state'), { mode: 0o700 });
      const hosts: ListedHost[] = [];
      let key: string[] = [];
      for (const name of names) {
        const service = await initService(join(home, name));
        const sshd = await startSshd({ under: service.under, authorizedKeys: key });
        if (key.length === 0) key = [readFileSync(`${sshd.identityFile}.pub`, 'utf8').trim()];
        apps.set(name, service);
        servers.set(name, sshd);
        hosts.push({ name, address: sshd.address, port: sshd.port, role: name });
      }
      const services = Object.fromEntries(
        names.map((name) => [`app-${name}`, { on: name, manager: 'sysv', unit: 'app', port: app(name).port, hold: '1s' }]),
      );
      fleet = writeFleet(home, hosts, {
        environments: { test: { match: { name: '^error$' }, danger: false } },
        ssh: sshSection(home, [...servers.values()], { transport }),
        services: {
          ...services,
          'app-checked': { ...services['app-checked'], precheck: `test -f ${join(home, 'config-is-good')}` },
          session: { on: 'good', manager: 'sysv', unit: 'app', stateful: true },
        },
        never: ['service forbidden'],
      });
      if (!names.includes('stuck')) return;
      app('stuck').set('does nothing');
      app('lost').set('hangs');
      stuck = restart('stuck', '--confirm', 'stuck', '--json');
      lost = restart('lost', '--confirm', 'lost', '--json');
      // The host goes in the middle of the command, and stays away.
      while (app('lost').asked() === 0) await sleep(50);
      await servers.get('lost')?.stop();
    }, 60_000);

    afterAll(async () => {
      await Promise.allSettled([stuck, lost]);
      for (const sshd of servers.values()) await sshd.stop();
      for (const service of apps.values()) service.stop();
      rmSync(home, { recursive: true, force: true });
    }, 60_000);

    test('without --confirm the plan is shown with its word, exit 4, and nothing is sent or written', async () => {
      const ran = await restart('good');
      expect(ran.status).toBe(4);
      expect(ran.stdout).toContain('service app restart');
      expect(ran.stdout).toContain('not confirmed: add --confirm good');
      const wrong = await restart('good', '--confirm', 'Good');
      expect(wrong.status).toBe(4);
      const dry = await restart('good', '--dry-run', '--confirm', 'good', '--json');
      expect(dry.status).toBe(0);
      expect(parsed(actSchema, dry.stdout)).toMatchObject({ plan: { title: 'Restart app-good on good' }, outcome: null });
      expect(app('good').asked()).toBe(0);
      expect(await journal('good')).toEqual([]);
    });

    test('--read-only refuses, exit 5, and nothing is sent', async () => {
      const ran = await run('good', ['--read-only', 'act', 'restart', 'good/app-good', '--confirm', 'good']);
      expect(ran).toMatchObject({ status: 5, stdout: '' });
      expect(ran.stderr.trim().split('\n').at(-1)).toBe('refused: started with --read-only: no change is made');
      expect(app('good').asked()).toBe(0);
    });

    test('a restart that works is proved by another process on the port, exit 0, and journaled before and after', async () => {
      const before = app('good').pid();
      const ran = await restart('good', '--confirm', 'good', '--json');
      const { plan, outcome } = parsed(actSchema, ran.stdout);
      expect(outcome).toMatchObject({ kind: 'ok' });
      expect(outcome?.evidence).toEqual(
        expect.arrayContaining([expect.stringMatching(/^started anew: socket \d+$/), `port ${app('good').port}: listening`]),
      );
      expect(ran.status).toBe(0);
      expect(app('good').asked()).toBe(1);
      expect(app('good').pid()).not.toBe(before);
      const entries = (await journal('good')).filter((entry) => entry.actionId === plan?.id);
      expect(entries.map((entry) => [entry.kind, entry.outcome])).toEqual([
        ['intent', null],
        ['outcome', 'ok'],
      ]);
      for (const entry of entries)
        expect(entry).toMatchObject({ targets: ['good/app-good'], command: 'service app restart', env: 'default' });
      const verified = await run('good', ['journal', 'verify']);
      expect(verified).toMatchObject({ status: 0, stderr: '' });
      expect(verified.stdout).toMatch(/^ok: \d+ entries, head [0-9a-f]{64}\n$/);
    });

    test('a change goes on to its end and into the journal when whoever read its progress has gone', async () => {
      const asked = app('good').asked();
      const args = ['--fleet', fleet, '--state-dir', state('piped'), 'act', 'restart', 'good/app-good', '--confirm', 'good'];
      const child = startProgram(args, { home });
      const end = ended(child);
      child.stdout?.destroy();
      child.stderr?.destroy();
      expect(await end).toMatchObject({ status: 0, signal: null });
      expect(app('good').asked()).toBe(asked + 1);
      expect((await journal('piped')).at(-1)).toMatchObject({ kind: 'outcome', outcome: 'ok' });
    });

    test('one flipped byte of the journal is found, exit 1, and the entry is named', async () => {
      const place = join(home, 'state', 'flipped');
      mkdirSync(place, { mode: 0o700 });
      for (const file of ['journal.sqlite', 'journal.head']) {
        const from = join(state('good'), file);
        if (existsSync(from)) writeFileSync(join(place, file), readFileSync(from), { mode: 0o600 });
      }
      const file = join(place, 'journal.sqlite');
      const bytes = readFileSync(file);
      const at = bytes.indexOf('service app restart');
      expect(at).toBeGreaterThan(0);
      bytes[at] = (bytes[at] ?? 0) ^ 1;
      writeFileSync(file, bytes);
      const ran = await quarterdeck(['--fleet', fleet, '--state-dir', place, 'journal', 'verify'], { home });
      expect(ran).toMatchObject({ status: 1, stdout: '' });
      expect(ran.stderr).toMatch(/entry \d+/i);
      expect(ran.stderr.trimEnd().split('\n')).toHaveLength(1);
    });

    test('a script that prints “Did not start.” and exits 0 is a failure, exit 1, in its own words', async () => {
      app('wont').set('does not start');
      const ran = await restart('wont', '--confirm', 'wont');
      expect(ran.status).toBe(1);
      expect(ran.stdout).toMatch(/^failed: .*Did not start\./);
      expect((await journal('wont')).at(-1)).toMatchObject({ kind: 'outcome', outcome: 'failed' });
    });

    test('a script that ends with an error is a failure with its first words, and an environment without danger asks for y', async () => {
      app('error').set('ends with an error');
      const ran = await restart('error', '--confirm', 'y');
      expect(ran.status).toBe(1);
      expect(ran.stdout).toContain('failed: the command ended with exit 7: app: no such directory');
      expect(app('error').asked()).toBe(1);
    });

    test('a precheck that fails refuses, exit 5, and the restart is not sent', async () => {
      const ran = await restart('checked', '--confirm', 'checked');
      expect(ran.status).toBe(5);
      expect(ran.stderr).toMatch(/^refused: the precheck test -f .* failed \(exit 1\)/m);
      expect(app('checked').asked()).toBe(0);
      expect((await journal('checked')).at(-1)).toMatchObject({ kind: 'outcome', outcome: 'refused' });
      writeFileSync(join(home, 'config-is-good'), '');
      expect((await restart('checked', '--confirm', 'checked')).status).toBe(0);
      expect(app('checked').asked()).toBe(1);
    });

    test('what may not or cannot be restarted is refused before anything is asked of anybody', async () => {
      const asked = app('good').asked();
      const stateful = await run('good', ['act', 'restart', 'good/session', '--confirm', 'good']);
      expect(stateful).toMatchObject({ status: 5, stderr: expect.stringContaining('stateful') });
      const noService = await run('good', ['act', 'restart', 'good/nginx', '--confirm', 'good']);
      expect(noService).toMatchObject({ status: 5, stderr: expect.stringContaining('it has app-good, session') });
      const noHost = await run('good', ['act', 'restart', 'better/app', '--confirm', 'better']);
      expect(noHost).toMatchObject({ status: 64, stderr: expect.stringContaining('no host "better"') });
      const noSlash = await run('good', ['act', 'restart', 'good', '--confirm', 'good']);
      expect(noSlash).toMatchObject({ status: 64, stderr: expect.stringContaining('HOST/SERVICE') });
      expect(app('good').asked()).toBe(asked);
    });

    test('a state directory on a full disk refuses every change, exit 5, and status still works', async () => {
      const asked = app('good').asked();
      mkdirSync(join(home, 'full'), { mode: 0o700 });
      const full = inOwnMounts(
        `mount -t tmpfs -o size=64k,mode=700 none ${join(home, 'full')}`,
        `cat /dev/zero >${join(home, 'full', 'fill')} 2>/dev/null || true`,
      );
      const onFull = (...args: readonly string[]): Promise<Ended> =>
        quarterdeck(['--fleet', fleet, '--state-dir', join(home, 'full', 'qd'), ...args], { home, under: full });
      const act = await onFull('act', 'restart', 'good/app-good', '--confirm', 'good');
      expect(act.stderr).toMatch(/^refused: the journal cannot be written .*full.*$/m);
      expect(act.status).toBe(5);
      const word = await onFull('act', 'restart', 'error/app-error', '--confirm', 'y');
      expect(word.status).toBe(5);
      expect(app('good').asked()).toBe(asked);
      const status = await onFull('status', '--json', 'good');
      expect(parsed(statusSchema, status.stdout).hosts).toMatchObject([{ name: 'good', reach: 'ok', health: 'ok' }]);
      expect(status.status).toBe(0);
    });

    test('a state directory that others may write in refuses every change, exit 5', async () => {
      const asked = app('good').asked();
      mkdirSync(state('open'), { mode: 0o777 });
      const ran = await run(
        'open',
        ['act', 'restart', 'good/app-good', '--confirm', 'good'],
        ['sh', '-c', `chmod 777 ${state('open')} && exec "$@"`, 'sh'],
      );
      expect(ran).toMatchObject({ status: 5, stdout: '' });
      expect(ran.stderr.trimEnd().split('\n').at(-1)).toContain('Others may write in the state directory');
      expect(app('good').asked()).toBe(asked);
    });

    // The rest takes as long as a service may take to come up; over OpenSSH only the transport would differ.
    if (!names.includes('stuck')) return;

    test('a script that says it restarted but did nothing is a failure: still the same process', async () => {
      const ran = await stuck;
      expect(ran?.status).toBe(1);
      expect(parsed(actSchema, ran?.stdout ?? '').outcome).toMatchObject({
        kind: 'failed',
        summary: expect.stringContaining('still the same process as before'),
      });
    }, 90_000);

    test('a host that is lost in mid-command leaves the outcome unknown, exit 3, and is not asked again', async () => {
      const ran = await lost;
      expect(ran?.status).toBe(3);
      expect(parsed(actSchema, ran?.stdout ?? '').outcome).toMatchObject({
        kind: 'unknown',
        summary: expect.stringContaining('lost cannot be reached'),
      });
      expect(app('lost').asked()).toBe(1);
      const entries = await journal('lost');
      expect(entries.map((entry) => entry.kind).slice(-2)).toEqual(['intent', 'outcome']);
      expect(entries.at(-1)).toMatchObject({ outcome: 'unknown' });
    }, 90_000);
  },
);

function missing(name: string): never {
  throw new Error(`no service on ${name}`);
}
