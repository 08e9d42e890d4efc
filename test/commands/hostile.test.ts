import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttp, type Server } from 'node:http';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RunningSshd, sshdMissing, startSshd } from '../sshd/sshd.ts';
import { parsed, statusSchema } from './contract.ts';
import { type FakeSystemd, fakeSystemd } from './fake-systemd.ts';
import { type ListedHost, sshSection, writeFleet } from './fleet-text.ts';
import { inOwnMountsAndName, ownLocks, ownMountsMissing } from './own-mounts.ts';
import { buildProgram, type Ended, quarterdeck } from './program.ts';
import { Watching } from './watching.ts';

/** A clipboard write, the same hidden in a link, a cleared screen in both forms of CSI, overprinting, reordering and invisible text. */
const evil = [
  '\u001b]52;c;UFdORUQ=\u0007',
  '\u001b]8;;\u001b]52;c;UFdORUQ=\u0007x',
  '\u009b2J',
  '\u001b[2J',
  'safe\rEVIL',
  '\u202egnorw\u202c',
  '\u2066\u2028\u200b\u{e0041}',
  '\u001b]0;title\u001b\\',
  '\u007f\b\u0000\u0085',
].join('');
/** Whatever could act on a terminal, or hide in it; a newline is the only one that text may hold. */
const acting = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;

describe.skipIf(sshdMissing() || ownMountsMissing())('hostile output', () => {
  let home: string;
  let systemd: FakeSystemd;
  let sshd: RunningSshd;
  let web: Server;
  let greeter: ReturnType<typeof createServer>;
  const hosts: ListedHost[] = [];

  const fleetWith = (sections: Readonly<Record<string, unknown>>, role = 'web'): string => {
    const place = mkdtempSync(join(home, 'fleet-'));
    return writeFleet(
      place,
      hosts.map((host) => ({ ...host, role })),
      {
        poll: { every: '1s', deadline: '8s', stale: '15s' },
        ssh: sshSection(place, [sshd]),
        ...sections,
      },
    );
  };

  beforeAll(async () => {
    buildProgram();
    home = mkdtempSync(join(tmpdir(), 'qd-hostile-'));
    systemd = fakeSystemd(home);
    writeFileSync(join(home, 'os-release'), `NAME="${evil}"\nPRETTY_NAME="${evil}"\n`);
    // A mount point, a host name and a banner of the attacker's choice; the kernel escapes only blanks and backslashes of mount points.
    const mount = join(home, 'mount-here');
    writeFileSync(
      mount,
      `dir="/var/tmp/$(printf '\\033]52;c;UFdO\\007\\302\\2332J')"; mkdir -p "$dir"; mount -t tmpfs -o size=1m none "$dir"`,
    );
    writeFileSync(join(home, 'banner'), evil);
    sshd = await startSshd({
      under: inOwnMountsAndName(
        `mount --bind ${join(home, 'os-release')} /usr/lib/os-release`,
        'mount -t tmpfs none /var/tmp',
        ownLocks,
        `. ${mount}`,
        "printf 'web1\\033]0;x\\007\\r' >/proc/sys/kernel/hostname",
      ),
      config: { SetEnv: systemd.setEnv, Banner: join(home, 'banner') },
    });
    web = createHttp((_, answer) => answer.end(`${evil}\n${evil}`));
    web.listen(0, '127.0.0.1');
    await once(web, 'listening');
    greeter = createServer((socket) => {
      socket.on('error', () => {});
      socket.end(`${evil}\r\n`);
    });
    greeter.listen(0, '127.0.0.1');
    await once(greeter, 'listening');
    hosts.push({ name: 'evil', address: sshd.address, port: sshd.port, role: 'web' });
  });

  afterAll(async () => {
    await sshd?.stop();
    web?.close();
    greeter?.close();
    rmSync(home, { recursive: true, force: true });
  });

  const everywhere = (): string => {
    const url = `http://127.0.0.1:${portOf(web)}/`;
    writeFileSync(join(home, 'evil'), evil);
    const say = `cat ${join(home, 'evil')}`;
    systemd.setText(
      'nginx',
      `Id=nginx.service\nLoadState=loaded\nActiveState=failed\nSubState=${evil}\nResult=${evil}\nNRestarts=2\nExecMainStatus=1\n`,
    );
    systemd.setText('silent', `Failed to connect: ${evil}\n`);
    systemd.setText('odd', `Id=odd.service\nLoadState=loaded\nActiveState=${evil}\nSubState=${evil}\n`);
    return fleetWith({
      services: {
        nginx: { on: 'web', manager: 'systemd' },
        silent: { on: 'web', manager: 'systemd' },
        odd: { on: 'web', manager: 'systemd' },
      },

      checks: {
        body: { on: 'web', http: url, body: 'not there' },
        version: { on: 'web', http: url, kind: 'version' },
        said: { on: 'web', command: say },
        complained: { on: 'web', command: `${say} >&2; exit 1` },
        number: { on: 'web', command: say, number: true, warn: 1 },
      },
    });
  };

  test('nothing that acts on a terminal is in what status prints, and what was sent is shown', async () => {
    const fleet = everywhere();
    hosts.push({ name: 'greeter', address: '127.0.0.1', port: portOf(greeter), role: 'web' });
    const both = everywhere();
    hosts.pop();
    const text = await quarterdeck(['--fleet', both, 'status'], { home });
    calm(text);
    expect(text.stdout).toContain('\\x1b]52;c;UFdORUQ=\\x07');
    expect(text.stdout).toContain('\\x9b2J');
    expect(text.stdout).toContain('\\x0dEVIL');
    expect(text.stdout).toContain('\\u{202e}');
    expect(text.stdout).toMatch(/^ {4}greeter does not speak SSH/m);
    const json = await quarterdeck(['--fleet', fleet, 'status', '--json'], { home });
    calm(json);
    const [host] = parsed(statusSchema, json.stdout).hosts;
    expect(host?.disks?.some((disk) => disk.mount.includes(']52;c;UFdO'))).toBe(true);
    expect(host?.services.map((service) => service.name)).toEqual(['nginx', 'silent', 'odd']);
    for (const check of host?.checks ?? []) expect(check.detail).not.toMatch(acting);
    expect(host?.version).toContain('\\x1b]52');
    calmInside(JSON.parse(json.stdout));
  });

  test('nor in what watch and act print and journal', async () => {
    const fleet = everywhere();
    const watch = new Watching(fleet, { home });
    await watch.until('two samples', () => watch.samples('evil').length > 1);
    calm(await watch.stop());
    const state = join(home, 'state');
    const act = await quarterdeck(['--fleet', fleet, '--state-dir', state, 'act', 'restart', 'evil/nginx', '--confirm', 'evil'], { home });
    expect(act.status).toBe(1);
    calm(act);
    const tail = await quarterdeck(['--fleet', fleet, '--state-dir', state, 'journal', 'tail', '--json'], { home });
    expect(tail.stdout).toContain('\\\\x1b');
    calm(tail);
    calm(await quarterdeck(['--fleet', fleet, '--state-dir', state, 'journal', 'tail'], { home }));
  });

  test('a hundred megabytes from the collector and from a check cost less than 64 MB of memory', async () => {
    const plain = await peakMemory(
      fleetWith({
        services: { calm: { on: 'web', manager: 'systemd' } },
        checks: { said: { on: 'web', command: 'echo well', every: '1s' } },
      }),
    );
    const hundred = "head -c 100000000 /dev/zero | tr '\\0' y";
    const byCheck = await peakMemory(
      fleetWith({
        services: { calm: { on: 'web', manager: 'systemd' } },
        checks: { said: { on: 'web', command: hundred, every: '60s', timeout: '20s' } },
      }),
      (watch) => watch.samples('evil').some((host) => host.checks.some((check) => check.detail.startsWith('yyyy'))),
    );
    const byCollector = await peakMemory(fleetWith({ services: { flood: { on: 'web', manager: 'systemd' } }, checks: {} }), (watch) =>
      watch.reaches('evil').includes('no-shell'),
    );
    expect({ byCheck: byCheck - plain < 64, byCollector: byCollector - plain < 64 }, `${plain}, ${byCheck}, ${byCollector} MB`).toEqual({
      byCheck: true,
      byCollector: true,
    });
  }, 90_000);

  /** Highest resident memory, MB, of a \`watch\` up to its tenth sample or what is awaited. */
  async function peakMemory(fleet: string, done?: (watch: Watching) => boolean): Promise<number> {
    systemd.set('calm', {});
    systemd.set('flood', {});
    appendFileSync(join(home, 'bin', 'systemctl'), `case $* in *flood*) head -c 100000000 /dev/zero | tr '\\0' x;; esac\n`);
    const watch = new Watching(fleet, { home });
    try {
      await watch.until('its end', () => (done === undefined ? watch.samples('evil').length >= 5 : done(watch)), 60_000);
      const peak = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${watch.pid}/status`, 'utf8'))?.[1];
      return Math.round(Number(peak) / 1024);
    } finally {
      await watch.stop();
    }
  }
});

/** Neither stream holds anything that acts on a terminal. */
function calm(ran: Ended): void {
  for (const [index, line] of `${ran.stdout}\n${ran.stderr}`.split('\n').entries()) {
    const found = acting.exec(line);
    expect(found === null ? null : `line ${index}: ${JSON.stringify(line)}`).toBeNull();
  }
}

/** Every string of a JSON value, keys too. */
function calmInside(value: unknown): void {
  if (typeof value === 'string') expect(value).not.toMatch(acting);
  else if (Array.isArray(value)) for (const item of value) calmInside(item);
  else if (typeof value === 'object' && value !== null) for (const [key, item] of Object.entries(value)) calmInside([key, item]);
}

function portOf(server: { address(): unknown }): number {
  const bound = server.address();
  if (typeof bound !== 'object' || bound === null || !('port' in bound) || typeof bound.port !== 'number') throw new Error('no port');
  return bound.port;
}
