import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RunningSshd, sshdMissing, startSshd } from '../sshd/sshd.ts';
import { parsed, statusSchema } from './contract.ts';
import { loopback, sshSection, writeFleet } from './fleet-text.ts';
import { buildProgram, type Ended, quarterdeck } from './program.ts';

const commands = [
  [],
  ['demo'],
  ['status'],
  ['inventory'],
  ['watch'],
  ['schema'],
  ['act'],
  ['journal'],
  ['journal', 'tail'],
  ['journal', 'verify'],
  ['playbook'],
  ['incident'],
  ['record'],
  ['replay'],
  ['serve-metrics'],
  ['doctor'],
  ['completion'],
];

let home: string;

beforeAll(() => {
  buildProgram();
  home = mkdtempSync(join(tmpdir(), 'qd-mistakes-'));
});

afterAll(() => rmSync(home, { recursive: true, force: true }));

/** Where a program went wrong: its words, without the lines of code that a user has no use for. */
function plain(ran: Ended): void {
  expect(ran.stdout).toBe('');
  expect(ran.stderr).not.toMatch(/^\s+at |node:internal|\bError:|dist\/main/m);
  expect(ran.stderr).toMatch(/\S\n$/);
}

test('every command explains itself and exits 0', async () => {
  for (const command of commands) {
    const ran = await quarterdeck([...command, '--help'], { home });
    expect(ran, command.join(' ')).toMatchObject({ status: 0, stderr: '' });
    expect(ran.stdout).toContain(`Usage: quarterdeck${command.length === 0 ? '' : ` ${command.join(' ')}`}`);
  }
}, 30_000);

test('the schema of the fleet file is JSON Schema that knows every section', async () => {
  const ran = await quarterdeck(['schema', 'fleet'], { home });
  expect(ran).toMatchObject({ status: 0, stderr: '' });
  const schema: unknown = JSON.parse(ran.stdout);
  expect(schema).toMatchObject({
    $schema: expect.stringContaining('json-schema.org'),
    properties: { fleet: {}, inventory: {}, ssh: {}, poll: {}, services: {}, checks: {}, limits: {}, depends: {}, pools: {} },
  });
});

test('wrong usage exits 64 and says what is wrong', async () => {
  const wrong = [
    { args: ['statsu'], says: 'statsu' },
    { args: ['status', '--jsn'], says: '--jsn' },
    { args: ['act', 'explode', 'web1/nginx'], says: 'explode' },
    { args: ['act', 'restart'], says: 'target' },
    { args: ['schema', 'moon'], says: 'moon' },
    { args: ['journal', 'tail', '-n', 'many'], says: 'whole number' },
    { args: ['--fleet', 'no-such-fleet', 'status'], says: 'no-such-fleet' },
    { args: ['--fleet', '/nonexistent/fleet.yaml', 'status'], says: '/nonexistent/fleet.yaml' },
    { args: ['playbook', 'run', 'x', '--bogus'], says: '(quarterdeck playbook run --help says what it takes)' },
    { args: ['playbook', 'frobnicate'], says: '(quarterdeck playbook --help says what it takes)' },
    { args: ['incident', 'note'], says: '(quarterdeck incident note --help says what it takes)' },
    { args: ['--fleet', 'demo', 'playbook', 'resume', 'run-9'], says: 'no run "run-9" is left open' },
    { args: ['status', '--\u001b[31mjson'], says: '--\\x1b[31mjson' },
    { args: ['\u001b[2Jstatus'], says: '\\x1b[2Jstatus' },
    { args: [], says: 'needs a terminal' },
  ];
  for (const { args, says } of wrong) {
    const ran = await quarterdeck(args, { home });
    expect(ran.status, args.join(' ')).toBe(64);
    expect(ran.stderr).toContain(says);
    expect(ran.stderr.split('\n').length, args.join(' ')).toBeLessThanOrEqual(4);
    plain(ran);
  }
}, 30_000);

test('a folder of playbooks that is not there is named by whatever looks for one in it', async () => {
  const place = mkdtempSync(join(home, 'pages-'));
  const file = join(place, 'fleet.yaml');
  writeFileSync(file, 'fleet: pages\ninventory:\n  - static: [{ name: web1, address: 192.0.2.11, role: web }]\nplaybooks: nowhere\n');
  for (const command of [
    ['run', 'a', '--confirm', 'a'],
    ['show', 'a'],
    ['plan', 'a'],
  ]) {
    const ran = await quarterdeck(['--fleet', file, 'playbook', ...command], { home, env: { XDG_STATE_HOME: join(place, 'state') } });
    expect([ran.status, ran.stderr], command.join(' ')).toEqual([64, expect.stringContaining(join(place, 'nowhere'))]);
    plain(ran);
  }
});

test('a bad fleet file has all its faults told at once, each with its place and a caret, exit 64', async () => {
  const file = join(home, 'bad.yaml');
  writeFileSync(
    file,
    [
      'fleet: bad',
      'inventory:',
      '  - static: [{ name: web1, address: 10.0.0.1, rôle: web }]',
      'servces: {}',
      'poll: { every: 5 parsecs }',
      'services:',
      '  nginx: { on: wbe, manager: sytemd }',
      'checks:',
      '  cert: { from: here, tls: "x:443", warn: 7d, crit: 21d }',
      '',
    ].join('\n'),
  );
  for (const command of [['status'], ['inventory', '--json'], ['watch', '--json'], ['act', 'restart', 'web1/nginx']]) {
    const ran = await quarterdeck(['--fleet', file, ...command], { home });
    expect(ran.status).toBe(64);
    plain(ran);
    for (const line of [3, 4, 5, 7]) expect(ran.stderr).toMatch(new RegExp(`bad\\.yaml:${line}:\\d+`));
    expect(ran.stderr.match(/^\s*\|?\s*\^+/gm)?.length ?? 0).toBeGreaterThanOrEqual(4);
    expect(ran.stderr).toContain('services');
    expect(ran.stderr).toContain('systemd');
  }
});

test('a journal that is not there has no entries, and does not pass for a verified one', async () => {
  const place = join(home, 'empty-state');
  const tail = await quarterdeck(['--state-dir', place, 'journal', 'tail', '--json'], { home });
  expect(tail).toMatchObject({ status: 0, stdout: '', stderr: '' });
  const verify = await quarterdeck(['--state-dir', place, 'journal', 'verify'], { home });
  expect(verify).toMatchObject({ status: 1, stdout: '', stderr: `there is no journal in ${place}\n` });
});

describe.skipIf(sshdMissing())('with a set-up that cannot work', () => {
  let sshd: RunningSshd;

  beforeAll(async () => {
    sshd = await startSshd({ addresses: loopback(44, 2) });
  });

  afterAll(() => sshd?.stop());

  const statusWith = async (ssh: Readonly<Record<string, unknown>>): Promise<{ ran: Ended; reach: string; reasons: readonly string[] }> => {
    const place = mkdtempSync(join(home, 'fleet-'));
    const hosts = [{ name: 'web1', address: sshd.address, port: sshd.port, role: 'web' }];
    const fleet = writeFleet(place, hosts, { ssh: sshSection(place, [sshd], ssh) });
    const ran = await quarterdeck(['--fleet', fleet, 'status', '--json'], { home });
    const [host] = parsed(statusSchema, ran.stdout).hosts;
    return { ran, reach: host?.reach ?? 'none', reasons: host?.reasons ?? [] };
  };

  test.each(['ssh2', 'openssh'])('known_hosts that cannot be read is said by its name, over %s', async (transport) => {
    // A folder: even root cannot read it as a file.
    const folder = join(home, 'known_hosts.d');
    mkdirSync(folder, { recursive: true });
    const before = sshd.log().length;
    const { ran, reach, reasons } = await statusWith({ known_hosts: folder, transport });
    expect(reach).toBe('host-key');
    expect(reasons).toHaveLength(1);
    expect(reasons[0]).toContain(folder);
    expect(ran).toMatchObject({ status: 3, stderr: '' });
    expect(sshd.log().slice(before)).not.toMatch(/publickey|Accepted/);
  });

  test.each(['ssh2', 'openssh'])('a key file that is not there is said by its name, over %s', async (transport) => {
    const { ran, reach, reasons } = await statusWith({ identity: join(home, 'no-such-key'), transport });
    expect(reach).toBe('auth');
    expect(reasons).toHaveLength(1);
    expect(reasons[0]).toContain('no-such-key');
    expect(ran).toMatchObject({ status: 3, stderr: '' });
  });

  test.each(['ssh2', 'openssh'])('an unknown host key is not accepted by a command without a person, over %s', async (transport) => {
    const empty = join(home, `empty-${transport}`);
    writeFileSync(empty, '');
    const { ran, reach, reasons } = await statusWith({ known_hosts: empty, host_keys: 'ask', transport });
    expect(reach).toBe('host-key');
    expect(reasons[0]).toContain('is not known');
    expect(ran.status).toBe(3);
  });

  test.each(['ssh2', 'openssh'])('an action on a host that cannot be reached is refused, exit 5, over %s', async (transport) => {
    const place = mkdtempSync(join(home, 'fleet-'));
    const hosts = [{ name: 'web1', address: sshd.address, port: sshd.port, role: 'web' }];
    const fleet = writeFleet(place, hosts, {
      ssh: sshSection(place, [sshd], { identity: join(home, 'no-such-key'), transport }),
      services: { nginx: { on: 'web', manager: 'systemd' } },
    });
    const ran = await quarterdeck(['--fleet', fleet, 'act', 'restart', 'web1/nginx', '--confirm', 'web1'], { home });
    expect(ran.status).toBe(5);
    plain(ran);
    expect(ran.stderr).toMatch(/^refused: web1 cannot be reached \(auth/);
    expect(ran.stderr.trimEnd().split('\n')).toHaveLength(1);
  });
});
