import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePort, makeKey, type RunningSshd, sshdMissing, startSshd } from '../sshd/sshd.ts';
import type { ListedHost } from './fleet-text.ts';
import { type FakeSystemd, fakeSystemd } from './fake-systemd.ts';
import { loopback, sshSection, writeFleet } from './fleet-text.ts';
import { inOwnMounts, ownMountsMissing } from './own-mounts.ts';
import { buildProgram } from './program.ts';
import { dropsPackets, type SilentServer, takesAndSaysNothing } from './silent-servers.ts';
import { Watching } from './watching.ts';

const staleMs = 15_000;
/** Rounds of a host that may have been under way or asked before a fault: the one in flight, and the two polls it may take. */
const twoPolls = 3;

const transports = [
  { transport: 'ssh2', net: 42, calm: 29, crowd: 10 },
  // A process a host, and OpenSSH's key exchange costs thirty times as much: a smaller fleet.
  { transport: 'openssh', net: 43, calm: 6, crowd: 4 },
] as const;

describe.skipIf(sshdMissing() || ownMountsMissing()).each(transports)(
  'every fault is its own, over $transport',
  ({ transport, net, calm, crowd }) => {
    const addresses = loopback(net, 60);
    const take = (): string => addresses.pop() ?? '';
    const servers: RunningSshd[] = [];
    const silent: SilentServer[] = [];
    const hosts: ListedHost[] = [];
    const calmNames = Array.from({ length: calm }, (_, index) => `calm${index + 1}`);
    const crowdNames = Array.from({ length: crowd }, (_, index) => `crowd${index + 1}`);
    let home: string;
    let systemd: FakeSystemd;
    let watch: Watching;
    let begun: number;
    /** Length of the log of `locked` before the program began. */
    let unused = 0;
    let key = '';
    const one: Record<string, RunningSshd> = {};

    const server = async (name: string, options: Parameters<typeof startSshd>[0] = {}, role = 'web'): Promise<RunningSshd> => {
      const address = take();
      const sshd = await startSshd({ addresses: [address], config: { SetEnv: systemd.setEnv }, authorizedKeys: [key], ...options });
      servers.push(sshd);
      hosts.push({ name, address, port: sshd.port, role });
      one[name] = sshd;
      return sshd;
    };
    const the = (name: string): RunningSshd => {
      const found = one[name];
      if (found === undefined) throw new Error(`no server ${name}`);
      return found;
    };

    beforeAll(async () => {
      buildProgram();
      home = mkdtempSync(join(tmpdir(), 'qd-faults-'));
      systemd = fakeSystemd(home);
      systemd.set('nginx', {});

      const many = await startSshd({ addresses: loopback(net, calm + 1), config: { SetEnv: systemd.setEnv } });
      servers.push(many);
      key = readFileSync(`${many.identityFile}.pub`, 'utf8').trim();
      const listed = ['service', ...calmNames].map((name, index) => ({
        name,
        address: addresses[index] ?? '',
        port: many.port,
        role: 'web',
      }));
      hosts.push(...listed);

      const few = await startSshd({
        addresses: loopback(net, 60).slice(calm + 1, calm + 1 + crowd),
        config: { SetEnv: systemd.setEnv, MaxStartups: '2:100:2' },
        authorizedKeys: [key],
      });
      servers.push(few);
      few.addresses.forEach((address, index) => hosts.push({ name: crowdNames[index] ?? '', address, port: few.port, role: 'web' }));

      await server('disk', { under: inOwnMounts('mount -t tmpfs -o size=1m none /var/tmp') });
      await server('paused');
      await server('rekeyed');
      await server('killed');
      await server('locked', { authorizedKeys: [] }, 'locked');
      const junk = fakeSystemd(mkdtempSync(join(home, 'junk-')));
      junk.set('nginx', {});
      writeFileSync(
        join(junk.home, '.bashrc'),
        `echo 'Welcome! You have mail.'\nprintf '\\n#0123456789abcdef begin 0\\n\\n#0123456789abcdef p id\\nkernel=Fake\\n\\n#0123456789abcdef e id 0\\n\\n#0123456789abcdef end 0\\n'\necho 'no newline at the end' >&2\nprintf junk\n`,
      );
      await server('junk', { config: { SetEnv: junk.setEnv } });
      const passwd = join(home, 'passwd');
      writeFileSync(passwd, readFileSync('/etc/passwd', 'utf8').replace(/^(root:.*:)[^:]*$/m, '$1/usr/sbin/nologin'));
      await server('nologin', { under: inOwnMounts(`mount --bind ${passwd} /etc/passwd`) });

      hosts.push({ name: 'refused', address: '127.0.0.1', port: await freePort(), role: 'web' });
      silent.push(await takesAndSaysNothing(take()), await dropsPackets(take()));
      silent.forEach(({ address, port }, index) => hosts.push({ name: index === 0 ? 'hung' : 'dropped', address, port, role: 'web' }));

      const fleet = writeFleet(home, hosts, {
        poll: { every: '1s', deadline: '3s', stale: `${staleMs}ms` },
        limits: {
          cpu: { warn: null, crit: null },
          memory: { warn: null, crit: null },
          inodes: { warn: null, crit: null },
          disk: { warn: null, crit: '99%' },
        },
        ssh: sshSection(home, servers, { transport, roles: { locked: { identity: makeKey(home, 'stranger') } } }),
        services: { nginx: { on: 'web', manager: 'systemd' } },
      });
      unused = the('locked').log().length;
      watch = new Watching(fleet, { home });
      await watch.until(
        'two samples of every host that is well',
        () =>
          [...calmNames, ...crowdNames, 'service', 'disk', 'paused', 'rekeyed', 'killed', 'junk'].every(
            (name) => watch.samples(name).length > 1,
          ),
        60_000,
      );
      begun = watch.now;
    }, 120_000);

    afterAll(async () => {
      await watch?.stop('SIGKILL');
      for (const each of silent) each.stop();
      for (const sshd of servers) await sshd.stop();
      rmSync(home, { recursive: true, force: true });
    });

    test('a service that fails shows within two polls, on its host alone', async () => {
      const from = watch.now;
      systemd.set('nginx', { active: 'failed', sub: 'failed', result: 'signal', status: 9 }, hosts[0]?.address);
      await watch.until('two polls after the failure', () => watch.samples('service', from).length > twoPolls);
      const bad = watch.samples('service', from).findIndex((host) => host.health === 'crit');
      expect(bad).toBeGreaterThanOrEqual(0);
      expect(bad).toBeLessThan(twoPolls);
      expect(watch.samples('service', from)[bad]?.reasons).toEqual(['nginx failed: signal, status 9']);
      const alert = await watch.until('an alert', () =>
        watch.lines.slice(from).find((line) => line.type === 'alert' && line.change === 'raised' && line.alert.name === 'nginx-down'),
      );
      systemd.set('nginx', {}, hosts[0]?.address);
      const cleared = await watch.until('the alert cleared', () =>
        watch.lines.find((line) => line.type === 'alert' && line.change === 'cleared' && line.alert.name === 'nginx-down'),
      );
      expect(cleared.type === 'alert' && alert.type === 'alert' && cleared.alert.id === alert.alert.id).toBe(true);
    });

    test('a disk that fills shows within two polls', async () => {
      const from = watch.now;
      const inside = `/proc/${the('disk').pids[0] ?? 0}/root/var/tmp`;
      expect(() => writeFileSync(join(inside, 'fill'), Buffer.alloc(2 * 1024 * 1024))).toThrow('ENOSPC');
      await watch.until('two polls after the disk was full', () => watch.samples('disk', from).length > twoPolls);
      const bad = watch.samples('disk', from).findIndex((host) => host.health === 'crit');
      expect(bad).toBeGreaterThanOrEqual(0);
      expect(bad).toBeLessThan(twoPolls);
      const full = watch.samples('disk', from)[bad];
      expect(full?.reasons).toEqual([expect.stringMatching(/\/var\/tmp.*100/)]);
      expect(full?.disks?.find((disk) => disk.mount === '/var/tmp')?.usedPct).toBe(100);
      rmSync(join(inside, 'fill'));
      await watch.until('well again', () => watch.samples('disk', from).at(-1)?.health === 'ok');
    });

    test('a stopped sshd is a timeout, and well again when it goes on', async () => {
      const from = watch.now;
      the('paused').pause();
      await watch.until('a reach', () => watch.reaches('paused', from).length > 0);
      expect(watch.reaches('paused', from)).toEqual(['timeout']);
      expect(watch.samples('paused', from).length).toBeLessThan(twoPolls);
      the('paused').resume();
      const resumed = watch.now;
      await watch.until('a sample after it went on', () => watch.samples('paused', resumed).length > 1, 45_000);
      expect(watch.reaches('paused', from)).not.toContain('refused');
      expect(watch.reaches('paused', from).at(-1)).toBe('ok');
    }, 60_000);

    test('a changed host key is refused before anything of ours is sent', async () => {
      const from = watch.now;
      await the('rekeyed').rekey();
      const restarted = the('rekeyed').log().lastIndexOf('Server listening');
      await watch.until('host-key', () => watch.reaches('rekeyed', from).includes('host-key'), 45_000);
      expect(watch.why('rekeyed')).toContain('HOST KEY CHANGED');
      expect(watch.samples('rekeyed', from).length).toBeLessThan(twoPolls);
      // From here on its log tells only of the new key.
      const log = the('rekeyed').log().slice(restarted);
      expect(log).toContain('Connection from');
      expect(log).not.toMatch(/userauth|Accepted|Failed/);
    }, 60_000);

    test('a killed sshd is refused', async () => {
      const from = watch.now;
      await the('killed').stop();
      await watch.until('refused', () => watch.reaches('killed', from).includes('refused'));
      expect(watch.reaches('killed', from).every((reach) => ['unreachable', 'connecting', 'refused'].includes(reach))).toBe(true);
    });

    test('a key that is not let in is auth, and is not tried in a loop', async () => {
      expect(watch.reaches('locked').filter((reach) => reach !== 'connecting')).toEqual(['auth']);
      expect(watch.samples('calm1').length).toBeGreaterThan(5);
      expect(
        the('locked')
          .log()
          .slice(unused)
          .match(/Connection from/g),
      ).toHaveLength(1);
    });

    test('a closed port is refused, a server that says nothing and dropped packets are timeouts, each with its sentence', async () => {
      await watch.until('all three', () => ['refused', 'hung', 'dropped'].every((name) => watch.why(name) !== null), 45_000);
      const kinds = (name: string): string[] => [...new Set(watch.reaches(name).filter((reach) => reach !== 'connecting'))];
      expect(kinds('refused')).toEqual(['refused']);
      expect(kinds('hung')).toEqual(['timeout']);
      expect(kinds('dropped')).toEqual(['timeout']);
      for (const name of ['refused', 'hung', 'dropped']) expect(watch.why(name)).toMatch(new RegExp(`^${name} .*\\.$`));
    }, 60_000);

    test('a login that prints junk and forged markers is as well as any other', async () => {
      expect(new Set(watch.samples('junk').map((host) => host.health))).toEqual(new Set(['ok']));
      expect(watch.reaches('junk').filter((reach) => reach !== 'connecting')).toEqual(['ok']);
    });

    test('an account without a shell is no-shell', async () => {
      await watch.until('no-shell', () => watch.why('nologin') !== null, 45_000);
      expect(watch.reaches('nologin').filter((reach) => reach !== 'connecting')).toEqual(['no-shell']);
    }, 60_000);

    test('a server that drops logins beyond a few has every host polled in the end', () => {
      for (const name of crowdNames) expect(watch.reaches(name).at(-1)).toBe('ok');
    });

    test('through all of it the other hosts stayed fresh and well', async () => {
      const stopped = await watch.stop();
      const end = Date.now();
      for (const name of calmNames) {
        expect(watch.reaches(name).filter((reach) => reach !== 'connecting')).toEqual(['ok']);
        const times = watch.lines.flatMap((line) => (line.type === 'sample' && line.host.name === name ? [Date.parse(line.at)] : []));
        const gaps = [...times.slice(1), end].map((time, index) => time - (times[index] ?? 0));
        expect(Math.max(...gaps), `longest silence of ${name}`).toBeLessThan(staleMs);
        expect(new Set(watch.samples(name, begun).map((host) => host.health))).toEqual(new Set(['ok']));
      }
      expect(stopped).toMatchObject({ status: 0, signal: null, stderr: '' });
    });
  },
);
