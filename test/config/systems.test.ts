import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { isAlias, isMap, isScalar, parseDocument, visit } from 'yaml';
import { deniedBy } from '../../src/actions/guards.ts';
import { loadFleet } from '../../src/config/load-fleet.ts';
import { formatProblem, type Problem } from '../../src/config/problem.ts';
import type { Fleet } from '../../src/fleet/definition.ts';
import { type Library, readLibrary } from '../../src/playbook/library.ts';
import { lintPlaybook } from '../../src/playbook/lint.ts';
import { usesOf } from '../../src/playbook/lint/uses.ts';
import { stepsWithin } from '../../src/playbook/runs.ts';

const folder = join(import.meta.dirname, '..', '..', 'config');
const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'));
const home = '/home/ann';

interface Asked {
  readonly name: string;
  readonly line: number;
}

/** Keys whose variable holds a secret: it is looked at when it is used. */
const secretKeys = new Set(['token', 'password', 'webhook']);

/** Every `{ env: NAME }` of a file that is no secret, with its line, by the YAML library alone. */
function askedOf(file: string): Asked[] {
  const text = readFileSync(join(folder, file), 'utf8');
  const asked: Asked[] = [];
  visit(parseDocument(text), {
    Pair: (_, { key, value }) => {
      if (isScalar(key) && secretKeys.has(String(key.value))) return visit.SKIP;
      if (!isMap(value) || isAlias(value) || value.items.length !== 1) return undefined;
      const name = value.get('env');
      // A variable, not an environment that is called so.
      if (typeof name !== 'string' || !/^[A-Z][A-Z0-9_]+$/.test(name)) return undefined;
      asked.push({ name, line: text.slice(0, value.range?.[0] ?? 0).split('\n').length });
      return visit.SKIP;
    },
  });
  return asked;
}

const samples = ['sample', '26h', 'https://sample.example/a', '/srv/sample', 'sample.example:443', '7', 'true'];

/** Values with which the file loads: of each variable the first sample that its place takes. */
async function samplesFor(file: string): Promise<Record<string, string>> {
  const asked = askedOf(file);
  const env: Record<string, string> = Object.fromEntries(asked.map(({ name }) => [name, samples[0] ?? '']));
  for (const sample of samples.slice(1)) {
    for (const { message, line } of await problemsWith(file, env)) {
      const [, word] = /must be one of (\w+)/.exec(message) ?? [];
      for (const one of asked.filter((each) => each.line === line && message.includes(`"${env[each.name]}"`)))
        env[one.name] = word ?? sample;
    }
  }
  return env;
}

async function problemsWith(file: string, env: Readonly<Record<string, string>>): Promise<readonly Problem[]> {
  const loaded = await loadFleet(join(folder, file), home, env);
  return loaded.ok ? [] : loaded.problems;
}

async function loaded(file: string): Promise<{ readonly fleet: Fleet; readonly library: Library }> {
  const result = await loadFleet(join(folder, file), home, await samplesFor(file));
  if (!result.ok) throw new Error(result.problems.map(formatProblem).join('\n'));
  return { fleet: result.fleet, library: await readLibrary(result.fleet.playbooks ?? 'none') };
}

describe.each(files)('%s', (file) => {
  test('says each value that it asks for by name, with its line and what to do, and nothing else', async () => {
    const problems = await problemsWith(file, {});
    const told = problems.map(({ line, message, remedy }) => ({ line, name: /variable (\w+) is not set/.exec(message)?.[1], remedy }));
    const asked = askedOf(file).map(({ line, name }) => ({ line, name, remedy: `Find out what it is here and run: export ${name}=VALUE` }));
    expect(told).toEqual(asked);
    expect(problems.map((problem) => problem.file)).toEqual(asked.map(() => join(folder, file)));
  });

  test('says in its head what it asks for, so that nobody needs to start it to find out', () => {
    const text = readFileSync(join(folder, file), 'utf8');
    const head = text.slice(0, text.indexOf('\nfleet:'));
    expect(askedOf(file).filter(({ name }) => !head.includes(name))).toEqual([]);
  });

  test('loads with them, and its playbooks lint clean against it', async () => {
    const { fleet, library } = await loaded(file);
    expect(library.problems.map(formatProblem)).toEqual([]);
    expect(library.files.length).toBeGreaterThan(0);
    const around = { fleet, library, nowMs: Date.parse('2026-11-22T00:00:00Z') };
    expect(library.files.flatMap((each) => lintPlaybook(each, around)).map(formatProblem)).toEqual([]);
  });

  test('its playbooks are offered for alerts that it can raise', async () => {
    const { fleet, library } = await loaded(file);
    const names = alertsOf(fleet);
    const idle = library.files.flatMap(({ playbook, file: path }) =>
      playbook.suggest.flatMap(({ alert }) =>
        alert === null || names.some((name) => alert.test(name)) ? [] : [`${basename(path)}: ${alert.source}`],
      ),
    );
    expect(idle).toEqual([]);
    // A pattern that matches everything is no suggestion.
    expect(library.files.flatMap(({ playbook }) => playbook.suggest.filter(({ alert }) => alert?.test('quite-another') === true))).toEqual(
      [],
    );
  });

  test('nothing that it forbids can be run: not plainly, not quoted, not by its own playbooks', async () => {
    const { fleet, library } = await loaded(file);
    for (const entry of fleet.never) {
      expect(deniedBy(fleet, entry), entry).not.toBeNull();
      expect(deniedBy(fleet, `sudo -n sh -c 'cd /srv && ${entry.replace(' ', '  ')} now'`), entry).not.toBeNull();
    }
    const commands = library.files.flatMap(({ playbook }) =>
      [...playbook.steps, ...playbook.finally]
        .flatMap(stepsWithin)
        .flatMap((step) => usesOf(step).flatMap((use) => (use.kind === 'command' ? [use.text] : []))),
    );
    expect(commands.filter((command) => deniedBy(fleet, command) !== null)).toEqual([]);
  });
});

/** Alerts as the health code names them (src/health), of services, checks and backups of the file, and those of every host. */
function alertsOf(fleet: Fleet): string[] {
  const hosts = ['refused', 'timeout', 'unreachable', 'auth', 'host-key', 'throttled', 'no-shell', 'stale'].map((word) => `host-${word}`);
  const figures = ['nfs-hung', 'nfs-slow', 'nfs-server-hung', 'disk-full', 'inodes-full', 'memory-low', 'oom-kill', 'cpu-high'];
  const { limits } = fleet;
  return [
    ...hosts,
    ...figures,
    'network-down',
    ...fleet.services.flatMap(({ name }) => ['down', 'restarting', 'starting', 'stopping', 'unknown'].map((word) => `${name}-${word}`)),
    ...fleet.checks.flatMap(({ name }) => [`${name}-failing`, `${name}-unknown`]),
    ...(fleet.checks.some(({ kind }) => kind === 'version') ? ['version-skew'] : []),
    ...(fleet.backups.length > 0 ? ['backup-old', 'backup-failed', 'backup-unknown'] : []),
    ...(fleet.pools.length > 0 ? ['owed-back', 'pool-forgot'] : []),
    ...(limits.nfsIops.length > 0 ? ['nfs-iops'] : []),
    ...(limits.iowait === null ? [] : ['iowait-high']),
    ...(limits.steal === null ? [] : ['steal-high']),
    ...(limits.swap === null ? [] : ['swap-high']),
    ...(limits.load === null ? [] : ['load-high']),
    ...(fleet.sources.some(({ kind }) => kind === 'gce' || kind === 'azure') ? ['cloud-stale'] : []),
  ];
}

/** Commands that would do harm on this system, whoever runs them and from where. */
const harm: Readonly<Record<string, readonly string[]>> = {
  'pencilcode.yaml': [
    'service restart pencils',
    'umount -f /mnt/datadisk',
    'umount -l /mnt/datadisk',
    'rsnapshot daily',
    'rsnapshot -c /etc/rsnapshot.conf daily',
  ],
  'hknweb.yaml': ['fab rollback', 'fab rollback --release 20250404180000', 'bash -lc "cd hknweb && fab  rollback"', "fab 'rollback'"],
  'codalab.yaml': ['./codalab_service.py delete', 'docker compose down -v'],
  'aslo.yaml': ['./db-create-stub.sh', 'sh aslo/db-update.sh'],
  'julia.yaml': ['scripts/run/docker_rmall.sh'],
};

test.each(files.filter((file) => harm[file] !== undefined))('%s refuses what has done harm there', async (file) => {
  const { fleet } = await loaded(file);
  expect((harm[file] ?? []).filter((command) => deniedBy(fleet, command) === null)).toEqual([]);
});

describe('Pencil Code', () => {
  test('no service is believed by its unit alone, because the units stay active after node has died', async () => {
    const { fleet } = await loaded('pencilcode.yaml');
    const sysv = fleet.services.filter(({ manager }) => manager === 'sysv');
    expect(sysv.map(({ name }) => name)).toEqual(['pencils', 'pencilsock', 'uwsgi', 'fishs']);
    expect(sysv.filter(({ port, socket }) => port === null && socket === null)).toEqual([]);
  });

  test('the page is believed by its body, because without the data mount it is 200 as well', async () => {
    const { fleet } = await loaded('pencilcode.yaml');
    expect(fleet.checks.find(({ name }) => name === 'load')).toMatchObject({ kind: 'http', status: 200, body: '"directory"' });
    expect(fleet.services.find(({ name }) => name === 'pencils')?.verify).toEqual(['load']);
  });

  test('one web stays in, its data is blamed on the server, and rsnapshot is watched but never begun', async () => {
    const { fleet } = await loaded('pencilcode.yaml');
    expect(fleet.pools).toMatchObject([{ kind: 'gce-target-pool', options: { pool: 'lb-tp' }, floor: { count: 1, ratio: 50 } }]);
    expect(fleet.depends.get('web')).toEqual(['nfs']);
    expect(fleet.backups.map(({ name, kind }) => `${name} ${kind}`)).toEqual(['snapshot gce-snapshot', 'scheduled watch']);
  });

  test('no playbook goes by the exit status of a SysV script: a look at the effect follows each', async () => {
    const { library } = await loaded('pencilcode.yaml');
    for (const { playbook } of library.files) {
      const steps = playbook.steps.flatMap(stepsWithin);
      for (const [at, step] of steps.entries()) {
        if (step.verb !== 'run' || typeof step.command !== 'string' || !/service .*(start|restart)/.test(step.command)) continue;
        const after = steps.slice(at + 1).find(({ verb }) => verb === 'check' || verb === 'wait');
        expect(after, `${playbook.id}: ${step.address}`).toBeDefined();
      }
    }
  });
});

describe('hknweb', () => {
  test('is asked as the balancer asks it, or Django answers 400', async () => {
    const { fleet } = await loaded('hknweb.yaml');
    expect(fleet.checks.find(({ name }) => name === 'sock')).toMatchObject({
      unix: '/srv/apps/hkn/dev.sock',
      hostHeader: 'hkn.eecs.berkeley.edu',
      headers: { 'X-Forwarded-Proto': 'https' },
    });
  });

  test('is a unit of the account, without root, proved by its socket and its public page', async () => {
    const { fleet } = await loaded('hknweb.yaml');
    expect(fleet.ssh.sudo).toEqual({ kind: 'no' });
    expect(fleet.services).toMatchObject([
      { manager: 'systemd-user', unit: 'hknweb.service', socket: '/srv/apps/hkn/dev.sock', verify: ['sock', 'public'] },
    ]);
    expect(fleet.pools).toEqual([]);
  });

  test('goes back by the link, after a dump, and says that the next push brings the code back', async () => {
    const { library } = await loaded('hknweb.yaml');
    const steps = library.files.find(({ playbook }) => playbook.id === 'site-down')?.playbook.steps.flatMap(stepsWithin) ?? [];
    const order = steps.flatMap(({ id }) =>
      id !== null && ['dump', 'back', 'restart', 'boots', 'in-public', 'revert'].includes(id) ? [id] : [],
    );
    expect(order).toEqual(['dump', 'back', 'restart', 'boots', 'in-public', 'revert']);
    expect(steps.find(({ id }) => id === 'back')).toMatchObject({ action: { action: 'release.rollback' } });
  });
});
