import { describe, expect, it } from 'vitest';
import type { ServiceSpec } from '../../src/fleet/definition.ts';
import type { ServiceSample } from '../../src/fleet/sample.ts';
import { serviceSamples } from '../../src/probe/services/service-samples.ts';
import { capture, measured, service } from './rounds.ts';

const tcp = (port: number, inode: number, state = '0A'): string =>
  `   0: 00000000:${port.toString(16).toUpperCase().padStart(4, '0')} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000     0        0 ${String(inode)} 1 0 100 0 0 10 0\n`;

function one(spec: ServiceSpec, parts: Readonly<Record<string, string | readonly [string, number]>>, uptimeS = 1000): ServiceSample {
  const [sample] = serviceSamples(measured(uptimeS, {}, parts), [spec]);
  if (sample === undefined) throw new Error('no service in the sample');
  return sample;
}

function unit(properties: Readonly<Record<string, string>>): string {
  return `${Object.entries({
    Id: 'app.service',
    LoadState: 'loaded',
    ActiveState: 'active',
    SubState: 'running',
    Result: 'success',
    ...properties,
  })
    .map(([key, value]) => `${key}=${value}`)
    .join('\n')}\n`;
}

const app = service('systemd', 'app');

describe('services under systemd', () => {
  it('are read from the whole description of a real unit', () => {
    expect(one(service('systemd', 'pencils'), { units: capture('systemctl-show.pencils.full.txt') })).toEqual({
      name: 'pencils',
      manager: 'systemd',
      state: 'running',
      sub: 'active/running',
      sinceMs: 1_000_000 - 37_480,
      restarts: 0,
      pid: 232,
      result: 'success',
      instance: '9511b560d73b4f2d87c983bf7dae1482',
      listening: null,
      detail: null,
    });
  });

  it('are understood in every full capture, user units too', () => {
    for (const name of ['nginx', 'pencilsock', 'ssh', 'uwsgi', 'nfs-server']) {
      expect(
        one(service('systemd', name, { port: 80 }), { units: capture(`systemctl-show.${name}.full.txt`), listen: tcp(80, 7) }),
      ).toMatchObject({ state: 'running' });
    }
    for (const name of ['nginx', 'pencils', 'ssh']) {
      expect(one(service('systemd', name), { units: capture(`ns/systemctl-show.${name}.full.txt`) })).toMatchObject({
        state: 'running',
        restarts: 0,
      });
    }
    expect(one(service('systemd', 'docker'), { units: capture('systemctl-show.docker.ns.full.txt') })).toMatchObject({ state: 'running' });
    expect(one(service('systemd', 'mnt-data.mount'), { units: capture('systemctl-show.mnt-data.mount.full.txt') })).toMatchObject({
      state: 'running',
      sub: 'active/mounted',
    });
    expect(one(service('systemd-user', 'hknweb'), { userunits: capture('ns/systemctl-user-show.hknweb.full.txt') })).toMatchObject({
      state: 'running',
      pid: 89,
    });
  });

  it('are told apart in one answer, with an unknown unit missing', () => {
    const names = ['nginx', 'pencils', 'nosuch'].map((name) => service('systemd', name));
    const samples = serviceSamples(measured(1000, {}, { units: capture('ns/systemctl-show.selected.txt') }), names);
    expect(samples.map((sample) => [sample.name, sample.state, sample.pid])).toEqual([
      ['nginx', 'running', 85],
      ['pencils', 'running', 77],
      ['nosuch', 'missing', null],
    ]);
    expect(one(service('systemd', 'nosuch'), { units: capture('systemctl-show.not-found.txt') }).state).toBe('missing');
  });

  it('go through a real crash from restarting to running with one restart more', () => {
    const states = capture('systemctl-show.pencils.crash-sequence.txt')
      .split(/^--- t=\d+\n/m)
      .slice(1)
      .map((block) => one(service('systemd', 'pencils'), { units: `Id=pencils.service\n${block}` }));
    expect(states.map((sample) => sample.state)).toEqual([...Array<string>(5).fill('restarting'), ...Array<string>(7).fill('running')]);
    expect(states[0]).toMatchObject({ result: 'exit-code', restarts: 0, pid: null });
    expect(states[5]).toMatchObject({ result: 'success', restarts: 1, pid: 510 });
  });

  it('that gave up after many crashes are failed, with the result and the restarts', () => {
    const text = capture('ns/pencils-start-limit-hit.txt').split('\n##')[0] ?? '';
    expect(one(service('systemd', 'pencils'), { units: text })).toMatchObject({
      state: 'failed',
      result: 'signal',
      restarts: 5,
      detail: 'signal, status 9',
    });
    expect(one(app, { units: unit({ ActiveState: 'failed', SubState: 'failed', Result: 'start-limit-hit' }) }).detail).toContain(
      'reset-failed',
    );
  });

  it('that were stopped are stopped', () => {
    expect(one(service('systemd', 'pencilsock'), { units: capture('systemctl-show.pencilsock.stopped.txt') })).toMatchObject({
      state: 'stopped',
      pid: null,
    });
  });

  const states: readonly (readonly [Readonly<Record<string, string>>, string])[] = [
    [{ ActiveState: 'activating', SubState: 'start' }, 'starting'],
    [{ ActiveState: 'activating', SubState: 'auto-restart' }, 'restarting'],
    [{ ActiveState: 'activating', SubState: 'auto-restart-queued' }, 'restarting'],
    [{ ActiveState: 'deactivating', SubState: 'stop-sigterm', Job: '9' }, 'stopping'],
    [{ ActiveState: 'inactive', SubState: 'dead', Job: '12' }, 'starting'],
    [{ ActiveState: 'reloading', SubState: 'reload' }, 'running'],
    [{ ActiveState: 'active', SubState: 'exited', RemainAfterExit: 'yes' }, 'running'],
    [{ ActiveState: 'inactive', SubState: 'dead', LoadState: 'masked' }, 'missing'],
    [{ ActiveState: 'maintenance', SubState: 'x' }, 'unknown'],
  ];
  for (const [properties, state] of states) {
    it(`are ${state} when systemd says ${JSON.stringify(properties)}`, () => {
      expect(one(app, { units: unit(properties) }).state).toBe(state);
    });
  }

  it('answer to an alias', () => {
    const text = unit({ Id: 'mariadb.service', Names: 'mysqld.service mariadb.service mysql.service' });
    expect(one(service('systemd', 'mysql'), { units: text }).state).toBe('running');
  });

  it('that run before their port listens are running and not listening', () => {
    const sample = one(service('systemd', 'app', { port: 8816 }), { units: unit({ MainPID: '7' }), listen: ['', 1] });
    expect(sample).toMatchObject({ state: 'running', listening: false, detail: 'running but port 8816 is closed' });
  });

  it('have a new instance exactly when they were started anew', () => {
    const first = one(app, { units: unit({ InvocationID: 'a'.repeat(32), NRestarts: '0' }) });
    const reloaded = one(app, { units: unit({ InvocationID: 'a'.repeat(32), NRestarts: '0', StateChangeTimestampMonotonic: '5' }) });
    const restarted = one(app, { units: unit({ InvocationID: 'b'.repeat(32) }) });
    expect(reloaded.instance).toBe(first.instance);
    expect(restarted.instance).not.toBe(first.instance);
    expect(one(app, { units: unit({ MainPID: '7', ExecMainStartTimestampMonotonic: '99' }) }).instance).toBe('main 7 99');
    expect(one(app, { units: unit({ InvocationID: '' }) }).instance).toBeNull();
  });

  it('take numbers that are not set for unknown', () => {
    expect(
      one(app, { units: unit({ NRestarts: '[not set]', MainPID: '[not set]', StateChangeTimestampMonotonic: '18446744073709551615' }) }),
    ).toMatchObject({
      restarts: null,
      pid: null,
      sinceMs: null,
    });
  });

  it('are unknown with the reason when systemctl could not answer', () => {
    const sample = one(service('systemd-user', 'app'), { userunits: ['Failed to connect to bus: No medium found\n', 1] });
    expect(sample).toMatchObject({ state: 'unknown', detail: 'systemctl --user: Failed to connect to bus: No medium found' });
    expect(one(app, { units: ['', 127] }).detail).toBe('systemctl is not installed on the host');
    expect(one(app, {}).state).toBe('unknown');
  });
});

describe('SysV scripts under systemd', () => {
  const exited = unit({ SubState: 'exited', RemainAfterExit: 'yes', SourcePath: '/etc/init.d/app', Type: 'forking' });
  const pencils = service('sysv', 'app', { port: 8816 });

  it('that say active (exited) are believed only with their port open', () => {
    expect(one(pencils, { units: exited, listen: tcp(8816, 4711) })).toMatchObject({ state: 'running', listening: true, detail: null });
    expect(one(pencils, { units: exited, listen: ['', 1] })).toMatchObject({
      state: 'failed',
      listening: false,
      detail: 'unit says active (exited) but port 8816 is closed',
    });
  });

  it('are unknown without a port to look at, or when it could not be looked at', () => {
    expect(one(service('sysv', 'app'), { units: exited })).toMatchObject({
      state: 'unknown',
      detail: expect.stringContaining('name its port'),
    });
    expect(one(pencils, { units: exited, listen: ['', 2] })).toMatchObject({ state: 'unknown', listening: null });
  });

  it('are found out also when the fleet file calls them systemd services', () => {
    expect(one(service('systemd', 'app', { port: 8816 }), { units: exited, listen: ['', 1] }).state).toBe('failed');
  });

  it('have the listening socket for their instance, which an orphan on the port keeps', () => {
    const before = one(pencils, { units: exited, listen: tcp(8816, 4711) });
    const orphan = one(pencils, {
      units: unit({ SubState: 'exited', SourcePath: '/etc/init.d/app', InvocationID: 'c'.repeat(32) }),
      listen: tcp(8816, 4711),
    });
    const anew = one(pencils, { units: exited, listen: tcp(8816, 4712) });
    expect(orphan.instance).toBe(before.instance);
    expect(anew.instance).not.toBe(before.instance);
  });

  it('take neither a connected socket nor one not accepting for a listening one', () => {
    expect(one(pencils, { units: exited, listen: tcp(8816, 4711, '01') }).listening).toBe(false);
    const sock = service('sysv', 'app', { socket: '/var/run/app.sock' });
    const line = (flags: string): string => `0000000000000000: 00000002 00000000 ${flags} 0001 01 999 /run/app.sock\n`;
    expect(one(sock, { units: exited, listen: line('00000000') }).listening).toBe(false);
    expect(one(sock, { units: exited, listen: line('00010000') })).toMatchObject({ listening: true, instance: 'socket 999' });
  });

  it('listen on an IPv6 socket as well', () => {
    const line =
      '   1: 00000000000000000000000000000000:2270 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 5150 1 0\n';
    expect(one(pencils, { units: exited, listen: line })).toMatchObject({ listening: true, instance: 'socket 5150' });
  });
});

describe('SysV scripts without systemd', () => {
  it('are judged by the exit code of their status, and over it by their port', () => {
    const codes: readonly (readonly [number, string])[] = [
      [0, 'running'],
      [1, 'failed'],
      [3, 'stopped'],
      [4, 'unknown'],
      [127, 'missing'],
      [124, 'unknown'],
    ];
    for (const [code, state] of codes) expect(one(service('sysv', 'app'), { sysv: `app ${String(code)}\n` }).state).toBe(state);
    expect(one(service('sysv', 'app', { port: 80 }), { sysv: 'app 0\n', listen: ['', 1] }).state).toBe('failed');
    expect(one(service('sysv', 'app', { port: 80 }), { sysv: 'app 3\n', listen: tcp(80, 1) }).state).toBe('running');
  });
});

describe('containers', () => {
  const json = (state: Readonly<Record<string, unknown>>, more: Readonly<Record<string, unknown>> = {}): string =>
    `${JSON.stringify({ Id: 'c0ffee', Name: '/web', RestartCount: 0, Labels: null, State: { Status: 'running', Running: true, OOMKilled: false, Pid: 5, ExitCode: 0, Error: '', StartedAt: '2023-11-14T22:20:00Z', FinishedAt: '0001-01-01T00:00:00Z', Health: null, ...state }, ...more })}\n`;
  const web = service('docker', 'web');

  it('are read from a whole real docker inspect', () => {
    expect(one(web, { docker: capture('docker-inspect.web.json') })).toMatchObject({
      state: 'running',
      pid: 263,
      restarts: 0,
      result: 'success',
      sub: 'running',
    });
  });

  it('tell how long by the clock of their own host', () => {
    // btime 1700000000 is 22:13:20Z; at an uptime of 1000 s it is 22:30:00Z.
    expect(one(web, { docker: json({}) }).sinceMs).toBe(600_000);
  });

  const states: readonly (readonly [Readonly<Record<string, unknown>>, string, string | null])[] = [
    [{ Status: 'exited', ExitCode: 0 }, 'stopped', null],
    [{ Status: 'exited', ExitCode: 143 }, 'stopped', null],
    [{ Status: 'exited', ExitCode: 1 }, 'failed', null],
    [{ Status: 'exited', ExitCode: 137, OOMKilled: true }, 'failed', 'killed for want of memory'],
    [{ Status: 'restarting', ExitCode: 1 }, 'restarting', null],
    [{ Status: 'paused' }, 'stopped', 'the container is paused'],
    [{ Status: 'created' }, 'stopped', null],
    [{ Status: 'dead' }, 'failed', null],
    [{ Health: 'unhealthy' }, 'running', 'its own health check says unhealthy'],
    [{ Health: { Status: 'starting' } }, 'starting', 'its own health check has not passed yet'],
    [{ Status: 'sleeping' }, 'unknown', null],
  ];
  for (const [state, expected, detail] of states) {
    it(`are ${expected} when docker says ${JSON.stringify(state)}`, () => {
      expect(one(web, { docker: json(state) })).toMatchObject({ state: expected, detail });
    });
  }

  it('of a scaled Compose service are as well as the worst one', () => {
    const labels = { 'com.docker.compose.project': 'p', 'com.docker.compose.service': 's' };
    const text =
      json({}, { Labels: labels }) +
      json({ Status: 'exited', ExitCode: 1 }, { Id: 'bad', Labels: labels }) +
      json({ Status: 'exited', ExitCode: 9 }, { Labels: { ...labels, 'com.docker.compose.oneoff': 'True' } });
    expect(one(service('docker-compose', 's', { project: 'p' }), { docker: text })).toMatchObject({
      state: 'failed',
      detail: '1 of 2 containers run',
    });
    expect(one(service('docker-compose', 's', { project: 'other' }), { docker: text }).state).toBe('missing');
  });

  it('published by packet filter alone have no known listening', () => {
    expect(one(service('docker', 'web', { port: 80 }), { docker: json({}), listen: ['', 1] })).toMatchObject({
      state: 'running',
      listening: null,
    });
  });
});
