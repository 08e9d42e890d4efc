import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { CollectorSpec } from '../../src/probe/collector-script.ts';
import { collectorScript, partSeconds } from '../../src/probe/collector-script.ts';
import { FrameReader } from '../../src/probe/frame-reader.ts';
import type { Measured } from '../../src/probe/measured.ts';
import { measure } from '../../src/probe/measured.ts';
import { toSample } from '../../src/probe/sample.ts';
import type { Round, RoundKind } from '../../src/probe/wire.ts';
import { roundLine } from '../../src/probe/wire.ts';
import { lacks } from './needs.ts';
import { capture, noServices, service } from './rounds.ts';

const nonce = '00112233445566ff';
const shells: readonly (readonly string[])[] = [['sh'], ['dash'], ['bash'], ['bash', '--posix'], ['mksh'], ['busybox', 'ash']];

const open: { stop(): void }[] = [];
const made: string[] = [];

afterEach(() => {
  for (const one of open.splice(0)) one.stop();
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** A collector in a real shell on this machine. */
class Collector {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #reader = new FrameReader(nonce);
  readonly #rounds: Round[] = [];
  #wake: () => void = () => undefined;
  output = '';
  exited: Promise<number | null>;

  constructor(command: readonly string[], script: string, env: NodeJS.ProcessEnv = process.env) {
    const [file = 'sh', ...args] = command;
    this.#child = spawn(file, args, { env, stdio: 'pipe' });
    this.exited = new Promise((resolve) => this.#child.once('close', resolve));
    this.#child.stdout.on('data', (chunk: Buffer) => {
      this.output += chunk.toString('latin1');
      this.#rounds.push(...this.#reader.push(chunk));
      this.#wake();
    });
    this.#child.stderr.resume();
    this.#child.stdin.on('error', () => undefined);
    this.#child.stdin.write(script);
  }

  async next(): Promise<Round> {
    for (;;) {
      const round = this.#rounds.shift();
      if (round !== undefined) return round;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  ask(kind: RoundKind): Promise<Round> {
    this.#child.stdin.write(roundLine[kind]);
    return this.next();
  }

  end(): void {
    this.#child.stdin.end();
  }

  stop(): void {
    this.#child.kill('SIGKILL');
  }
}

/** A collector that ends with its test. */
function collectorIn(command: readonly string[], script: string, env: NodeJS.ProcessEnv = process.env): Collector {
  const collector = new Collector(command, script, env);
  open.push(collector);
  return collector;
}

/** A folder of tools that print what they are told, to stand before the real ones on PATH. */
function toolFolder(tools: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'probe-tools-'));
  made.push(folder);
  fillFolder(folder, tools);
  return folder;
}

function fillFolder(folder: string, tools: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(tools)) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${text}\n`);
    chmodSync(join(folder, name), 0o755);
  }
}

function withTools(tools: Readonly<Record<string, string>>): { env: NodeJS.ProcessEnv; folder: string } {
  const folder = toolFolder(tools);
  return { env: { ...process.env, PATH: `${folder}:${process.env['PATH'] ?? ''}` }, folder };
}

function printing(name: string): string {
  return `cat <<'CAPTURE'\n${capture(name)}CAPTURE`;
}

function measureAt(round: Round, previous: Measured | null): Measured {
  return measure(round, { wallMs: Date.now(), monoMs: performance.now(), roundMs: 1 }, previous);
}

for (const shell of shells) {
  describe.skipIf(lacks(shell[0] ?? '', ...shell.slice(1), '-c', ':'))(`the collector in ${shell.join(' ')}`, () => {
    it('says hello and measures this machine over several rounds', async () => {
      const collector = collectorIn(shell, collectorScript(noServices, nonce));
      const hello = measureAt(await collector.next(), null);
      expect(hello.identity).toMatchObject({ kernel: 'Linux', tick: 100, uid: process.getuid?.() });
      const first = measureAt(await collector.ask('slow'), hello);
      await new Promise((resolve) => setTimeout(resolve, 300));
      const second = measureAt(await collector.ask('fast'), first);
      const sample = toSample(first, second, noServices);
      expect([first.seq, second.seq]).toEqual([1, 2]);
      expect(sample.bootId).toBe(hello.identity?.bootId);
      expect(sample.cpu?.usedPct).toBeGreaterThanOrEqual(0);
      expect(sample.memory?.usedPct).toBeGreaterThan(0);
      expect(sample.disks?.find((disk) => disk.mount === '/')?.usedPct).toBeGreaterThan(0);
      expect(sample.dState).not.toBeNull();
      expect(sample.gaps).toEqual([]);
    });

    it('ends when its input ends', async () => {
      const collector = collectorIn(shell, collectorScript(noServices, nonce));
      await collector.next();
      collector.end();
      expect(await collector.exited).toBe(0);
    });

    it('finds listening ports and sockets, and not the closed ones', async () => {
      const server = createServer();
      const folder = mkdtempSync(join(tmpdir(), 'probe-socket-'));
      made.push(folder);
      const path = join(folder, 'a b.sock');
      const unix = createServer();
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      await new Promise<void>((resolve) => unix.listen(path, resolve));
      open.push({ stop: () => server.close() }, { stop: () => unix.close() });
      const port = (server.address() as AddressInfo).port;
      const spec: CollectorSpec = {
        services: [
          service('supervisor', 'up', { port }),
          service('supervisor', 'down', { port: 1 }),
          service('supervisor', 'sock', { socket: path }),
          service('supervisor', 'nosock', { socket: `${path}x` }),
        ],
        sudo: { kind: 'no' },
      };
      const collector = collectorIn(shell, collectorScript(spec, nonce));
      const hello = measureAt(await collector.next(), null);
      const sample = toSample(null, measureAt(await collector.ask('fast'), hello), spec);
      expect(sample.services.map((one) => [one.name, one.listening])).toEqual([
        ['up', true],
        ['down', false],
        ['sock', true],
        ['nosock', false],
      ]);
    });
  });
}

/** These wait for time boxes, made short, and run side by side; each ends its own collector. */
function impatient(script: string): string {
  return script.replace(`T=${String(partSeconds)}`, 'T=1');
}

for (const shell of shells) {
  describe.skipIf(lacks(shell[0] ?? '', ...shell.slice(1), '-c', ':')).concurrent(`a hanging tool under ${shell.join(' ')}`, () => {
    for (const boxed of ['GNU timeout', 'the watchdog']) {
      it(`costs only its own part, with ${boxed}`, async ({ expect, onTestFinished }) => {
        const folder = mkdtempSync(join(tmpdir(), 'probe-hang-'));
        const noTimeout = boxed === 'the watchdog' ? { timeout: 'exit 1' } : {};
        fillFolder(folder, {
          systemctl: `echo $$ >>"$(dirname "$0")/pids"; exec sleep 1000`,
          supervisorctl: 'echo "web RUNNING pid 7, uptime 0:00:05"',
          ...noTimeout,
        });
        const env = { ...process.env, PATH: `${folder}:${process.env['PATH'] ?? ''}` };
        const spec: CollectorSpec = { services: [service('systemd', 'nginx'), service('supervisor', 'web')], sudo: { kind: 'no' } };
        const collector = new Collector(shell, impatient(collectorScript(spec, nonce)), env);
        onTestFinished(() => {
          collector.stop();
          rmSync(folder, { recursive: true, force: true });
        });
        const hello = measureAt(await collector.next(), null);
        expect(hello.identity?.timeout).toBe(boxed === 'GNU timeout');
        const first = measureAt(await collector.ask('fast'), hello);
        const sample = toSample(null, first, spec);
        expect(sample.cpu?.load1).not.toBeNull();
        expect(sample.services.map((one) => [one.state, one.detail])).toEqual([
          ['unknown', 'systemctl did not answer in time on the host'],
          ['running', null],
        ]);
        expect(sample.gaps).toEqual([{ part: 'units', why: 'systemctl did not answer in time on the host' }]);
        // Fast rounds leave the hung tool alone until the next slow one.
        const second = await collector.ask('fast');
        expect(second.parts.get('units')).toEqual({ text: '', exit: 124 });
        const pids = readFileSync(join(folder, 'pids'), 'utf8').trim().split('\n').map(Number);
        expect(pids).toHaveLength(1);
        expect(() => process.kill(pids[0] ?? 0, 0)).toThrow('ESRCH');
      });
    }

    it('is left behind when no signal ends it, as in state D, and the round goes on', async ({ expect, onTestFinished }) => {
      const folder = mkdtempSync(join(tmpdir(), 'probe-stuck-'));
      fillFolder(folder, { systemctl: `echo $$ >"$(dirname "$0")/pid"; exec sleep 1000`, timeout: 'exit 1' });
      const env = { ...process.env, PATH: `${folder}:${process.env['PATH'] ?? ''}` };
      const spec: CollectorSpec = { services: [service('systemd', 'nginx')], sudo: { kind: 'no' } };
      const deaf = impatient(collectorScript(spec, nonce)).replace('kill -TERM "$q_child"', ':').replace('kill -KILL "$q_child"', ':');
      const collector = new Collector(shell, deaf, env);
      onTestFinished(() => {
        collector.stop();
        process.kill(Number(readFileSync(join(folder, 'pid'), 'utf8')), 'SIGKILL');
        rmSync(folder, { recursive: true, force: true });
      });
      await collector.next();
      const round = await collector.ask('slow');
      expect(round.parts.get('units')?.exit).toBe(124);
      expect(round.parts.get('df')?.exit).toBe(0);
      expect((await collector.ask('fast')).parts.has('proc')).toBe(true);
    });
  });
}

const plainShell = ['sh'] as const;

describe('the collector', () => {
  it('asks systemd for a service of every kind of name and reads its real words', async () => {
    const { env } = withTools({ systemctl: printing('systemctl-show.web.selected.txt') });
    const spec: CollectorSpec = {
      services: ['nginx', 'pencils', 'pencilsock', 'uwsgi'].map((unit) => service('systemd', unit)),
      sudo: { kind: 'no' },
    };
    const collector = collectorIn(plainShell, collectorScript(spec, nonce), env);
    await collector.next();
    const sample = toSample(null, measureAt(await collector.ask('fast'), null), spec);
    expect(sample.services.map((one) => [one.name, one.state, one.pid])).toEqual([
      ['nginx', 'running', 259],
      ['pencils', 'running', 232],
      ['pencilsock', 'running', 233],
      ['uwsgi', 'running', null],
    ]);
  });

  it('asks docker for containers by name and Compose services by label, through sudo when told so', async () => {
    const inspected = capture('docker-inspect.web.json').replaceAll(/\n\s*/g, '');
    const compose =
      '{"Id":"feed","Name":"/codalab_rest-server_1","RestartCount":2,"Labels":{"com.docker.compose.project":"codalab","com.docker.compose.service":"rest-server"},"State":{"Status":"exited","ExitCode":137,"OOMKilled":true,"Pid":0,"Error":"","StartedAt":"2026-11-21T22:32:36Z","FinishedAt":"2026-11-21T22:40:00Z","Health":null}}';
    const docker = `case "$1 $*" in
ps*label=com.docker.compose.project=codalab*) echo feed ;;
inspect*" gone feed"*) cat <<'JSON'
${inspected.slice(1, -1)}
${compose}
JSON
echo "Error: No such object: gone" >&2; exit 1 ;;
esac`;
    const { env } = withTools({ docker, sudo: '[ "$1" = -n ] || exit 9; shift; exec "$@"' });
    const spec: CollectorSpec = {
      services: [
        service('docker', 'web'),
        service('docker', 'gone'),
        service('docker-compose', 'rest-server', { project: 'codalab' }),
        service('docker-compose', 'ws', { project: 'codalab' }),
      ],
      sudo: { kind: 'root' },
    };
    const collector = collectorIn(plainShell, collectorScript(spec, nonce), env);
    await collector.next();
    const sample = toSample(null, measureAt(await collector.ask('fast'), null), spec);
    expect(sample.services.map((one) => [one.name, one.state, one.sub, one.result, one.restarts])).toEqual([
      ['web', 'running', 'running', 'success', 0],
      ['gone', 'missing', null, null, null],
      ['rest-server', 'failed', 'exited (137)', 'oom-kill', 2],
      ['ws', 'missing', null, null, null],
    ]);
    expect(sample.services[0]?.instance).toBe('8c2aede71e51 2026-11-21T22:32:36.489166338Z');
    expect(sample.gaps).toEqual([]);
  });

  it('says why docker could not be asked instead of calling the container missing', async () => {
    const { env } = withTools({ docker: 'echo "permission denied while trying to connect to the Docker daemon socket" >&2; exit 1' });
    const spec: CollectorSpec = { services: [service('docker', 'web')], sudo: { kind: 'no' } };
    const collector = collectorIn(plainShell, collectorScript(spec, nonce), env);
    await collector.next();
    const sample = toSample(null, measureAt(await collector.ask('fast'), null), spec);
    expect(sample.services[0]).toMatchObject({
      state: 'unknown',
      detail: 'docker: permission denied while trying to connect to the Docker daemon socket',
    });
    expect(sample.gaps).toHaveLength(1);
  });

  it('asks the user systemd with its runtime folder set', async () => {
    const { env } = withTools({
      systemctl: `[ "$1" = --user ] && [ -n "$XDG_RUNTIME_DIR" ] && ${printing('ns/systemctl-user-show.hknweb.full.txt')}`,
    });
    delete env['XDG_RUNTIME_DIR'];
    const spec: CollectorSpec = { services: [service('systemd-user', 'hknweb.service')], sudo: { kind: 'no' } };
    const collector = collectorIn(plainShell, collectorScript(spec, nonce), env);
    await collector.next();
    const sample = toSample(null, measureAt(await collector.ask('fast'), null), spec);
    expect(sample.services[0]).toMatchObject({ state: 'running', sub: 'active/running', pid: 89 });
  });

  it('asks supervisor, whose exit code tells of any program that is not running', async () => {
    const { env } = withTools({
      supervisorctl:
        'echo "app:web   RUNNING   pid 42, uptime 1 day, 2:03:04"; echo "app:job   FATAL     Exited too quickly (process log may have details)"; echo "none: ERROR (no such process)"; exit 4',
    });
    const spec: CollectorSpec = {
      services: ['app:web', 'app:job', 'none', 'app:*'].map((unit) => service('supervisor', unit)),
      sudo: { kind: 'no' },
    };
    const collector = collectorIn(plainShell, collectorScript(spec, nonce), env);
    await collector.next();
    const sample = toSample(null, measureAt(await collector.ask('fast'), null), spec);
    expect(sample.services.map((one) => [one.state, one.sinceMs, one.instance])).toEqual([
      ['running', 93_784_000, 'pid 42'],
      ['failed', null, null],
      ['missing', null, null],
      ['failed', null, null],
    ]);
  });

  it('says that a tool is not installed', async () => {
    const spec: CollectorSpec = { services: [service('supervisor', 'web')], sudo: { kind: 'user', user: 'nobody-here' } };
    const { env } = withTools({ sudo: 'exit 127' });
    const collector = collectorIn(plainShell, collectorScript(spec, nonce), env);
    await collector.next();
    const sample = toSample(null, measureAt(await collector.ask('fast'), null), spec);
    expect(sample.gaps).toEqual([{ part: 'supervisor', why: 'supervisorctl is not installed on the host' }]);
    expect(sample.services[0]?.state).toBe('unknown');
  });

  it('quotes names so that none of them runs, and leaves out those that look like options', async () => {
    const { env, folder } = withTools({ systemctl: 'for word in "$@"; do printf "%s\\n" "$word"; done >"$(dirname "$0")/asked"' });
    const evil = "x'; touch pwned; $(touch pwned) `touch pwned` & |\\";
    const spec: CollectorSpec = {
      services: [service('systemd', evil), service('systemd', '--root=/evil'), service('sysv', '../../tmp/x')],
      sudo: { kind: 'no' },
    };
    const collector = collectorIn(plainShell, collectorScript(spec, nonce), env);
    await collector.next();
    const sample = toSample(null, measureAt(await collector.ask('fast'), null), spec);
    const asked = readFileSync(join(folder, 'asked'), 'utf8').trim().split('\n');
    expect(asked.slice(asked.indexOf('--') + 1)).toEqual([evil]);
    expect(sample.services.map((one) => [one.state, one.detail])).toEqual([
      ['unknown', expect.any(String)],
      ['unknown', 'a unit name that begins with a dash is refused'],
      ['unknown', 'a script name with a slash is refused'],
    ]);
  });

  it('gives df local filesystems only', async () => {
    const { env, folder } = withTools({ df: 'printf "%s\\n" "$@" >"$(dirname "$0")/asked"; exit 1' });
    const mounts = join(folder, 'mounts');
    writeFileSync(
      mounts,
      [
        '/dev/vda / ext4 rw 0 0',
        'srv:/data /mnt/data nfs4 rw 0 0',
        'srv:/old /mnt/old nfs rw 0 0',
        '//srv/share /mnt/share cifs rw 0 0',
        'me@srv:/x /mnt/x fuse.sshfs rw 0 0',
        'tmpfs /run tmpfs rw 0 0',
        'tmpfs /run/user/0 tmpfs rw 0 0',
        'overlay /var/lib/docker/overlay2/x/merged overlay rw 0 0',
        '/dev/vdb1 /data\\040and\\134more xfs rw 0 0',
        '/dev/vdb1 /bind/mount xfs rw 0 0',
        '/dev/vda /etc/hosts ext4 rw 0 0',
        'pool/a /pool/a zfs rw 0 0',
      ].join('\n') + '\n',
    );
    const script = collectorScript(noServices, nonce).replace('</proc/self/mounts', `<'${mounts}'`);
    const collector = collectorIn(plainShell, script, env);
    await collector.next();
    await collector.ask('slow');
    expect(readFileSync(join(folder, 'asked'), 'utf8').trim().split('\n')).toEqual([
      '-P',
      '-i',
      '--',
      '/',
      '/run',
      '/data and\\more',
      '/pool/a',
    ]);
  });

  it('asks SysV scripts for their status where systemd does not run, and boxes a hanging one', async () => {
    const folder = toolFolder({ good: '[ "$1" = status ]', dead: 'exit 1', stuck: 'exec sleep 1000' });
    const spec: CollectorSpec = {
      services: ['good', 'dead', 'stuck', 'absent'].map((unit) => service('sysv', unit)),
      sudo: { kind: 'no' },
    };
    const script = impatient(collectorScript(spec, nonce))
      .replace('[ -d /run/systemd/system ] && Y=y', '')
      .replaceAll('/etc/init.d/', `${folder}/`);
    const collector = collectorIn(plainShell, script);
    await collector.next();
    const sample = toSample(null, measureAt(await collector.ask('fast'), null), spec);
    expect(sample.services.map((one) => [one.name, one.state])).toEqual([
      ['good', 'running'],
      ['dead', 'failed'],
      ['stuck', 'unknown'],
      ['absent', 'missing'],
    ]);
    expect(sample.gaps).toEqual([]);
  });

  it('reads its rounds through a login shell that prints noise and an old marker', async () => {
    const noise = `echo "Last login: never"; printf '\\n#ffffffffffffffff begin 1\\n\\n#ffffffffffffffff end 1\\n'; exec sh`;
    const collector = collectorIn(['bash', '-c', noise], collectorScript(noServices, nonce));
    expect((await collector.next()).seq).toBe(0);
    expect((await collector.ask('fast')).parts.get('proc')?.text).toContain('==> /proc/uptime <==');
  });

  it('is plain under every setting a login may leave behind', async () => {
    const env = { ...process.env, LC_ALL: 'de_DE.UTF-8', LANGUAGE: 'de', POSIXLY_CORRECT: '1', GREP_COLORS: 'mt=1', IFS: ':' };
    const collector = collectorIn(plainShell, collectorScript(noServices, nonce), env);
    const hello = measureAt(await collector.next(), null);
    const sample = toSample(null, measureAt(await collector.ask('slow'), hello), noServices);
    expect(sample.gaps).toEqual([]);
    expect(sample.disks?.length).toBeGreaterThan(0);
  });

  it('counts a thread that waits in the kernel while the first one of its process does not', async () => {
    const folder = toolFolder({});
    // The thread waits, as vfork(2) does, for a child that cannot begin: it opens a pipe that nobody writes to.
    const waits = `import os, threading, time
os.mkfifo('${folder}/pipe')
opens = [(os.POSIX_SPAWN_OPEN, 0, '${folder}/pipe', os.O_RDONLY, 0)]
threading.Thread(target=os.posix_spawn, args=('/bin/true', ['true'], {}), kwargs={'file_actions': opens}).start()
time.sleep(60)`;
    const child = spawn('python3', ['-c', waits], { stdio: 'ignore', detached: true });
    const states = (): string[] =>
      readdirSync(`/proc/${child.pid}/task`).map((id) => readFileSync(`/proc/${child.pid}/task/${id}/stat`, 'latin1').split(' ')[2] ?? '');
    try {
      await vi.waitFor(() => expect(states()).toContain('D'), 15_000);
      const collector = collectorIn(plainShell, collectorScript(noServices, nonce));
      await collector.next();
      const round = await collector.ask('slow');
      expect(Number(round.parts.get('dstate')?.text)).toBeGreaterThanOrEqual(1);
      expect(readFileSync(`/proc/${child.pid}/stat`, 'latin1').split(' ')[2]).not.toBe('D');
    } finally {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    }
  });
});
