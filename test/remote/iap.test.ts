import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Setting, Source, SshSettings } from '../../src/fleet/definition.ts';
import type { Host } from '../../src/fleet/host.ts';
import { type Connector, type HostConnection, noPrompts } from '../../src/remote/connection.ts';
import { createConnector } from '../../src/remote/connector.ts';
import { ReachError } from '../../src/remote/reach-error.ts';
import { type RunningSshd, sshdMissing, startSshd } from '../sshd/sshd.ts';
import { fleetWith, hostAt, settingsFor } from './fleet.ts';

const skipped = sshdMissing();
let sshd: RunningSshd;
let directory: string;
const open: Connector[] = [];

beforeAll(async () => {
  if (skipped) return;
  sshd = await startSshd();
  directory = mkdtempSync(join(tmpdir(), 'iap-'));
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((connector) => connector.close()));
});
afterAll(async () => {
  if (skipped) return;
  await sshd.stop();
  rmSync(directory, { recursive: true, force: true });
});

/** A `gcloud` that writes down what it was called with; returns its folder. */
function fakeGcloud(name: string, body: string): string {
  const folder = join(directory, name);
  mkdirSync(folder, { recursive: true });
  const record = `require('node:fs').appendFileSync(${JSON.stringify(join(folder, 'argv'))}, JSON.stringify(process.argv.slice(2)) + '\\n');`;
  const program = join(folder, 'program.cjs');
  writeFileSync(program, `${record}\n${body}\n`);
  writeFileSync(join(folder, 'gcloud'), `#!/bin/sh\nexec '${process.execPath}' '${program}' "$@"\n`, { mode: 0o755 });
  return folder;
}

function carrying(): string {
  const wire = `const s = require('node:net').connect(${sshd.port}, '127.0.0.1');`;
  return fakeGcloud('carrying', `${wire} process.stdin.pipe(s); s.pipe(process.stdout); s.on('close', () => process.exit(0));`);
}

function saying(name: string, words: string): string {
  return fakeGcloud(name, `process.stderr.write(${JSON.stringify(`${words}\n`)}); process.exitCode = 1;`);
}

function calls(folder: string): string[][] {
  const file = join(folder, 'argv');
  return existsSync(file)
    ? readFileSync(file, 'utf8')
        .trim()
        .split('\n')
        .map((line): string[] => JSON.parse(line))
    : [];
}

function source(project: Setting): Source {
  return {
    kind: 'gce',
    name: 'gce:paris-code',
    refreshMs: 60_000,
    deadlineMs: 20_000,
    endpoint: null,
    ca: null,
    token: null,
    roles: [],
    address: { kind: 'public' },
    namePattern: null,
    project,
    zones: [],
    filter: null,
  };
}

const hidden = hostAt(null, { name: 'web7', zone: 'us-central1-a', provider: 'gce', source: 'gce:paris-code', cloudState: 'running' });
const literal: Setting = { kind: 'literal', value: 'paris-code' };

interface Way {
  readonly folder: string;
  readonly ssh?: Partial<SshSettings>;
  readonly host?: Partial<Host>;
  readonly project?: Setting;
}

/** The host's key is known under its name, as nothing else names it. */
function reach({ folder, ssh, host, project = literal }: Way): Promise<HostConnection> {
  const keys = sshd.hostKeys.map(({ publicKey }) => `[web7]:2222 ${publicKey}\nweb7 ${publicKey}`).join('\n');
  const knownHosts = [sshd.writeKnownHosts(`${keys}\n`, 'iap_known_hosts')];
  const fleet = { ...fleetWith(settingsFor(sshd, { port: null, knownHosts, ...ssh })), sources: [source(project)] };
  const connector = createConnector(fleet, noPrompts, {
    ssh: '/usr/bin/ssh',
    env: { ...process.env, PATH: folder, TEST_PROJECT: 'from-env' },
  });
  open.push(connector);
  return connector.connect({ ...hidden, ...host }, new AbortController().signal);
}

async function refusal(way: Way): Promise<ReachError> {
  const failure = await reach(way).then(
    () => null,
    (error: unknown) => error,
  );
  if (!(failure instanceof ReachError)) throw new Error(`expected a ReachError, got ${String(failure)}`);
  return failure;
}

describe.skipIf(skipped).for(['ssh2', 'openssh'] as const)('a GCE host without an address, by %s', (transport) => {
  test('is reached through gcloud, which is told machine, port, zone and project', async () => {
    const folder = carrying();
    const before = calls(folder).length;
    const connection = await reach({ folder, ssh: { transport } });
    const { stdout } = await connection.exec('echo through $((6 * 7))', { deadlineMs: 10_000 });
    expect(stdout).toBe('through 42\n');
    const expected = [
      'compute',
      'start-iap-tunnel',
      'web7',
      '22',
      '--listen-on-stdin',
      '--zone',
      'us-central1-a',
      '--project',
      'paris-code',
    ];
    expect(calls(folder)[before]).toEqual(expected);
    connection.close();
  });

  test('another port and a project out of the environment are used', async () => {
    const folder = carrying();
    const before = calls(folder).length;
    const connection = await reach({ folder, ssh: { transport, port: 2222 }, project: { kind: 'env', name: 'TEST_PROJECT' } });
    connection.close();
    expect(calls(folder)[before]).toEqual(expect.arrayContaining(['2222', 'from-env']));
  });

  test('without gcloud one sentence says what to install', async () => {
    const error = await refusal({ folder: join(directory, 'nowhere'), ssh: { transport } });
    expect(error.reach).toBe('unreachable');
    expect(error.message).toBe('web7 has no address and is reached through IAP, but gcloud cannot be started here.');
    expect(error.remedy).toContain('Install the Google Cloud CLI');
  });

  test('a firewall that keeps IAP out is named with the range to let in', async () => {
    const words =
      "ERROR: (gcloud.compute.start-iap-tunnel) Error while connecting [4003: 'failed to connect to backend']. (Failed to connect to port 22)";
    const error = await refusal({ folder: saying(`closed-${transport}`, words), ssh: { transport } });
    expect(error).toMatchObject({ reach: 'unreachable', message: 'IAP cannot connect to port 22 of web7.' });
    expect(error.remedy).toContain('35.235.240.0/20');
  });

  test('an account that may not tunnel and one that is not logged in are told apart', async () => {
    const denied = "ERROR: (gcloud.compute.start-iap-tunnel) Error while connecting [4033: 'not authorized'].";
    expect((await refusal({ folder: saying(`denied-${transport}`, denied), ssh: { transport } })).remedy).toContain(
      'iap.tunnelResourceAccessor',
    );
    const out = 'ERROR: (gcloud.compute.start-iap-tunnel) You do not currently have an active account selected.';
    expect((await refusal({ folder: saying(`out-${transport}`, out), ssh: { transport } })).remedy).toBe('Run gcloud auth login.');
  });

  test('a program that ends without a known error is quoted, and never taken for a busy sshd', async () => {
    const error = await refusal({ folder: saying(`odd-${transport}`, 'WARNING: numpy is missing\nTraceback: boom'), ssh: { transport } });
    expect(error.reach).toBe('unreachable');
    expect(error.message).toContain('Traceback: boom');
  });

  test('a project that is none never becomes an option of gcloud', async () => {
    const folder = carrying();
    const before = calls(folder).length;
    const error = await refusal({ folder, ssh: { transport }, project: { kind: 'literal', value: '--impersonate-service-account=x' } });
    expect(error.message).toContain('is no name that gcloud takes');
    expect(calls(folder)).toHaveLength(before);
  });
});

describe.skipIf(skipped)('IAP is not used', () => {
  test.for([
    ['when the fleet file says never', { ssh: { iap: 'never' } }],
    ['for a host of another source', { host: { source: 'static', provider: 'static' } }],
    ['when the zone is not known', { host: { zone: null } }],
  ] as const)('%s', async ([, way]) => {
    const folder = carrying();
    const before = calls(folder).length;
    const error = await refusal({ folder, ...way });
    expect(error.message).toBe('web7 has no address to dial.');
    expect(calls(folder)).toHaveLength(before);
  });

  test('for a host with an address', async () => {
    const folder = carrying();
    const before = calls(folder).length;
    const connection = await reach({
      folder,
      ssh: { port: sshd.port, knownHosts: [sshd.writeKnownHosts()] },
      host: { address: '127.0.0.1' },
    });
    connection.close();
    expect(calls(folder)).toHaveLength(before);
  });

  test('when ssh_config itself knows an address for it', async () => {
    const folder = carrying();
    const before = calls(folder).length;
    const config = join(directory, 'ssh_config');
    writeFileSync(config, `Host web7\n  HostName 127.0.0.1\n  Port ${sshd.port}\n`);
    const connection = await reach({ folder, ssh: { config, knownHosts: [sshd.writeKnownHosts()] } });
    connection.close();
    expect(calls(folder)).toHaveLength(before);
  });
});

describe.skipIf(skipped)('the proxy program', () => {
  test('ends with the connection it carries', async () => {
    const folder = fakeGcloud(
      'ending',
      `const s = require('node:net').connect(${sshd.port}, '127.0.0.1'); process.stdin.pipe(s); s.pipe(process.stdout);
       require('node:fs').writeFileSync(${JSON.stringify(join(directory, 'pid'))}, String(process.pid));`,
    );
    const connection = await reach({ folder });
    const pid = Number(readFileSync(join(directory, 'pid'), 'utf8'));
    connection.close();
    await expect.poll(() => existsSync(`/proc/${pid}`), { timeout: 5_000 }).toBe(false);
  });

  test('that dies ends its connection', async () => {
    const folder = fakeGcloud(
      'dying',
      `const s = require('node:net').connect(${sshd.port}, '127.0.0.1'); process.stdin.pipe(s); s.pipe(process.stdout);
       require('node:fs').writeFileSync(${JSON.stringify(join(directory, 'pid2'))}, String(process.pid));`,
    );
    const connection = await reach({ folder });
    const ended = Promise.withResolvers<ReachError>();
    connection.onClosed((reason) => ended.resolve(reason));
    process.kill(Number(readFileSync(join(directory, 'pid2'), 'utf8')), 'SIGKILL');
    expect((await ended.promise).reach).toBe('unreachable');
  });
});
