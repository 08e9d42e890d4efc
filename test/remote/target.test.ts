import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SshSettings } from '../../src/fleet/definition.ts';
import type { Host } from '../../src/fleet/host.ts';
import { parseJump, type Target, TargetResolver } from '../../src/remote/target.ts';
import { sshdMissing } from '../sshd/sshd.ts';
import { hostAt, settings } from './fleet.ts';

let directory = '';
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'qd-config-'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

let files = 0;
function configFile(text: string): string {
  files += 1;
  const path = join(directory, `config${files}`);
  writeFileSync(path, text);
  return path;
}

interface Extra {
  readonly host?: Partial<Host>;
  readonly ssh?: Partial<SshSettings>;
  readonly findHost?: (name: string) => Host | null;
  readonly program?: string;
  readonly env?: Record<string, string>;
}

function resolve(config: string | null, address: string, extra: Extra = {}): Promise<Target> {
  const ssh = settings({ knownHosts: [], agent: true, config, ...extra.ssh });
  const resolver = new TargetResolver({
    settingsOf: () => ssh,
    ssh: extra.program ?? 'ssh',
    env: extra.env ?? {},
    ...(extra.findHost === undefined ? {} : { findHost: extra.findHost }),
  });
  return resolver.resolve(hostAt(address, { name: address, ...extra.host }));
}

describe('a target', () => {
  it('uses OpenSSH defaults when nobody says anything', async () => {
    expect(await resolve(null, 'web1.example.org')).toMatchObject({
      address: 'web1.example.org',
      port: 22,
      user: userInfo().username,
      identities: ['id_rsa', 'id_ecdsa', 'id_ed25519'].map((name) => join(homedir(), '.ssh', name)),
      identitiesOnly: false,
      agentSocket: null,
      knownAs: 'web1.example.org',
      via: null,
      proxyCommand: null,
    });
  });

  it('takes what ssh_config says of a host, the first value of each keyword', async () => {
    const config = configFile(`
Host web1 other
  HostName 10.0.0.1
  User ops
  Port 2222
  IdentityFile ~/.ssh/%h_key
  IdentityFile "${directory}/with space"
  HostKeyAlias Web-Alias
  UserKnownHostsFile ${directory}/kh1 ${directory}/kh2
  IdentityAgent ${directory}/agent.sock
  IdentitiesOnly yes
Host *
  User later
  Port 1
`);
    expect(await resolve(config, 'web1')).toMatchObject({
      address: '10.0.0.1',
      port: 2222,
      user: 'ops',
      identities: [join(homedir(), '.ssh', '10.0.0.1_key'), `${directory}/with space`],
      identitiesOnly: true,
      agentSocket: `${directory}/agent.sock`,
      knownAs: 'web-alias',
    });
    expect((await resolve(config, 'web1')).knownHostsFiles.slice(0, 2)).toEqual([`${directory}/kh1`, `${directory}/kh2`]);
    expect(await resolve(config, 'web2')).toMatchObject({ address: 'web2', user: 'later', port: 1, knownAs: '[web2]:1' });
  });

  it('lets the fleet file win over ssh_config, and the host over the fleet', async () => {
    const config = configFile(
      'Host *\n  User config\n  Port 1\n  IdentityFile /config\n  ProxyJump config-jump\n  UserKnownHostsFile /config\n',
    );
    const ssh = { user: 'fleet', port: 2, identity: ['/fleet'], knownHosts: ['/known'], jump: ['fleet-jump'] };
    expect(await resolve(config, 'web1', { ssh })).toMatchObject({
      user: 'fleet',
      port: 2,
      identities: ['/fleet'],
      identitiesOnly: true,
      via: { address: 'fleet-jump' },
    });
    expect((await resolve(config, 'web1', { ssh })).knownHostsFiles[0]).toBe('/known');
    expect(await resolve(config, 'web1', { ssh, host: { ssh: { user: 'host', port: 3 } } })).toMatchObject({ user: 'host', port: 3 });
  });

  it('matches Host lines against the name as well as the address a source gave', async () => {
    const config = configFile('Host web1\n  User byname\n  HostName 192.0.2.1\nHost 10.0.*\n  Port 2200\n');
    expect(await resolve(config, '10.0.0.7', { host: { name: 'web1' } })).toMatchObject({
      user: 'byname',
      port: 2200,
      address: '10.0.0.7',
    });
  });

  it('honours negation, Match host, originalhost and user, and Include with globs', async () => {
    mkdirSync(join(directory, 'conf.d'), { recursive: true });
    writeFileSync(join(directory, 'conf.d', 'a.conf'), 'Host inc1\n  Port 2301\n');
    writeFileSync(join(directory, 'conf.d', 'b.conf'), 'Host *\n  HostKeyAlias included\n');
    const config = configFile(`
Host web* !web9
  Port 2300
Match originalhost short user ops
  HostName long.example.org
Match host *.example.org
  IdentityFile /matched
Match all
  Include ${directory}/conf.d/*.conf
`);
    expect((await resolve(config, 'web1')).port).toBe(2300);
    expect((await resolve(config, 'web9')).port).toBe(22);
    expect((await resolve(config, 'inc1')).port).toBe(2301);
    expect(await resolve(config, 'short', { ssh: { user: 'ops' } })).toMatchObject({
      address: 'long.example.org',
      identities: ['/matched'],
      knownAs: 'included',
    });
    expect((await resolve(config, 'short', { ssh: { user: 'root' } })).address).toBe('short');
  });

  it('applies an Include inside a Host block to that host only', async () => {
    writeFileSync(join(directory, 'inner'), 'Port 2400\nHost *\n  User inner\n');
    const config = configFile(`Host only1\n  Include ${directory}/inner\n`);
    expect(await resolve(config, 'only1')).toMatchObject({ port: 2400, user: 'inner' });
    expect(await resolve(config, 'only2')).toMatchObject({ port: 22, user: userInfo().username });
  });

  it('names the file and the remedy when ssh_config cannot be parsed or read', async () => {
    await expect(resolve(configFile('Host "web1\n'), 'web1')).rejects.toMatchObject({
      message: expect.stringMatching(/config\d+ cannot be read/),
    });
    await expect(resolve(directory, 'web1')).rejects.toMatchObject({ reach: 'unreachable', message: expect.stringContaining('EISDIR') });
  });

  it('solves a chain of jump hosts, outermost first, each with its own options', async () => {
    const config = configFile('Host inner\n  HostName 10.1.1.1\n  Port 2222\nHost outer\n  User gate\n');
    const target = await resolve(config, 'web1', { ssh: { jump: ['outer', 'root@inner:2244'] } });
    expect(target.via).toMatchObject({
      address: '10.1.1.1',
      port: 2244,
      user: 'root',
      via: { address: 'outer', port: 22, user: 'gate', via: null },
    });
  });

  it('reaches a fleet-wide jump host straight, and finds it by its name in the fleet', async () => {
    const bastion = hostAt('203.0.113.5', { name: 'bastion', ssh: { user: 'gate', port: 2022 } });
    const extra: Extra = { ssh: { jump: ['bastion'] }, findHost: (name) => (name === 'bastion' ? bastion : null) };
    expect((await resolve(null, 'web1', extra)).via).toMatchObject({ address: '203.0.113.5', user: 'gate', port: 2022, via: null });
    expect((await resolve(null, '203.0.113.5', { ...extra, host: { name: 'bastion' } })).via).toBeNull();
  });

  it('takes ProxyJump from ssh_config, and `none` as none', async () => {
    const config = configFile(
      'Host web1\n  ProxyJump gate@one:23,two\nHost web2\n  ProxyJump none\n  ProxyCommand none\nHost web3\n  ProxyCommand nc -X 5 "%h" %p\n',
    );
    expect((await resolve(config, 'web1')).via).toMatchObject({ address: 'two', via: { address: 'one', port: 23, user: 'gate' } });
    expect(await resolve(config, 'web2')).toMatchObject({ via: null, proxyCommand: null });
    expect((await resolve(config, 'web3')).proxyCommand).toBe('nc -X 5 "%h" %p');
  });

  it('ends jump hosts that lead in a circle', async () => {
    await expect(resolve(configFile('Host a\n  ProxyJump b\nHost b\n  ProxyJump a\n'), 'a')).rejects.toMatchObject({
      reach: 'unreachable',
      message: expect.stringContaining('circle'),
    });
  });

  it('finds the agent where the environment or ssh_config says', async () => {
    expect((await resolve(null, 'a', { env: { SSH_AUTH_SOCK: '/run/a' } })).agentSocket).toBe('/run/a');
    expect((await resolve(configFile('IdentityAgent $MY_AGENT\n'), 'a', { env: { MY_AGENT: '/run/b' } })).agentSocket).toBe('/run/b');
    expect((await resolve(configFile('IdentityAgent none\n'), 'a', { env: { SSH_AUTH_SOCK: '/run/a' } })).agentSocket).toBeNull();
    expect((await resolve(null, 'a', { env: { SSH_AUTH_SOCK: '/run/a' }, ssh: { agent: false } })).agentSocket).toBeNull();
  });

  it('says plainly that a host has no address', async () => {
    const resolver = new TargetResolver({ settingsOf: () => settings(), ssh: 'ssh', env: {} });
    await expect(resolver.resolve(hostAt(null))).rejects.toMatchObject({ reach: 'unreachable', message: 'web1 has no address to dial.' });
  });

  it('says that OpenSSH is needed for a criterion it cannot judge, when there is none', async () => {
    const config = configFile('Match exec "true"\n  Port 2500\n');
    await expect(resolve(config, 'web1', { program: '/nonexistent/ssh' })).rejects.toMatchObject({
      message: expect.stringContaining('Match exec'),
    });
  });

  it('reads jump hosts in all the ways ProxyJump is written', () => {
    expect(parseJump('gate')).toEqual({ name: 'gate', user: null, port: null });
    expect(parseJump('me@gate:2222')).toEqual({ name: 'gate', user: 'me', port: 2222 });
    expect(parseJump('[2001:db8::1]:22')).toEqual({ name: '2001:db8::1', user: null, port: 22 });
    expect(parseJump('2001:db8::1')).toEqual({ name: '2001:db8::1', user: null, port: null });
    expect(parseJump('ssh://me@gate:22/')).toEqual({ name: 'gate', user: 'me', port: 22 });
  });
});

describe.skipIf(sshdMissing())('a target beside OpenSSH', () => {
  it('lets ssh judge Match exec', async () => {
    const config = configFile(`Host web1\n  User ops\nMatch exec "test %h = web1"\n  Port 2500\n  HostKeyAlias asked\n`);
    expect(await resolve(config, 'web1')).toMatchObject({ port: 2500, user: 'ops', knownAs: 'asked' });
    expect((await resolve(config, 'web2')).port).toBe(22);
  });

  it('does not ask ssh when an earlier criterion already fails', async () => {
    const config = configFile('Match host other exec "true"\n  Port 2500\n');
    expect((await resolve(config, 'web1', { program: '/nonexistent/ssh' })).port).toBe(22);
  });

  it.each(['web1', 'db.example.org', 'alias', 'web9'])('agrees with `ssh -G %s`', async (name) => {
    const config = configFile(`
Host alias
  HostName real.example.org
Host web* !web9
  Port=2300
  User "ops"
Match host real.example.org,db.*
  HostKeyAlias dbs
  ProxyJump gate:99
Host *
  User fallback
  IdentityFile ~/.ssh/one
  IdentityFile ~/.ssh/two
`);
    const answer = execFileSync('ssh', ['-G', '-F', config, name], { encoding: 'utf8', stdio: 'pipe' });
    const said = (keyword: string): string[] => [...answer.matchAll(new RegExp(`^${keyword} (.*)$`, 'gm'))].map((match) => match[1] ?? '');
    const target = await resolve(config, name);
    expect(target.address).toBe(said('hostname')[0]);
    expect(String(target.port)).toBe(said('port')[0]);
    expect(target.user).toBe(said('user')[0]);
    expect(target.identities).toEqual(said('identityfile').map((file) => file.replace('~', homedir())));
    expect(target.via === null ? [] : [`${target.via.address}:${target.via.port}`]).toEqual(said('proxyjump'));
  });
});
