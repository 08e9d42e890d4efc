import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SshSettings } from '../../src/fleet/definition.ts';
import { type Connector, type HostConnection, noPrompts, type Prompts } from '../../src/remote/connection.ts';
import { createConnector } from '../../src/remote/connector.ts';
import { ReachError } from '../../src/remote/reach-error.ts';
import { makeKey, type RunningSshd, type SshdOptions, sshdMissing, startSshd } from '../sshd/sshd.ts';
import { fleetWith, hostAt, settingsFor } from './fleet.ts';
import { scriptedPrompts } from './prompts.ts';

const never = new AbortController().signal;

describe.skipIf(sshdMissing()).each(['ssh2', 'openssh'] as const)('host keys by %s', (transport) => {
  let sshd: RunningSshd;
  let connectors: Connector[] = [];

  async function start(options: SshdOptions = {}): Promise<void> {
    sshd = await startSshd(options);
  }

  beforeEach(() => {
    connectors = [];
  });

  afterEach(async () => {
    await Promise.all(connectors.map((connector) => connector.close()));
    await sshd.stop();
  });

  function connect(
    ssh: Partial<SshSettings>,
    prompts: Prompts = noPrompts,
    knownHostLines: readonly string[] = [],
  ): Promise<HostConnection> {
    const connector = createConnector(fleetWith(settingsFor(sshd, { transport, ...ssh })), prompts, { knownHostLines });
    connectors.push(connector);
    return connector.connect(hostAt(sshd.address), never);
  }

  async function refusal(ssh: Partial<SshSettings>, prompts: Prompts = noPrompts): Promise<ReachError> {
    const error = await connect(ssh, prompts).then(
      () => null,
      (failure: unknown) => failure,
    );
    if (!(error instanceof ReachError)) throw new Error(`expected a ReachError, got ${String(error)}`);
    return error;
  }

  /** What the server's log says of users that tried to log in. */
  function authAttempts(): string[] {
    return sshd.log().match(/userauth-request for user .*|Accepted .*|Failed .*/g) ?? [];
  }

  it('lets a known host in, by hashed name too', async () => {
    await start();
    const hashed = sshd.writeKnownHosts(sshd.knownHosts(), 'hashed');
    execFileSync('ssh-keygen', ['-q', '-H', '-f', hashed], { stdio: 'ignore' });
    expect(readFileSync(hashed, 'utf8')).toMatch(/^\|1\|/);
    const connection = await connect({ knownHosts: [hashed] });
    expect((await connection.exec('echo in', { deadlineMs: 5_000 })).stdout).toBe('in\n');
  });

  it('asks about an unknown key, remembers the yes in the first file, and asks no more', async () => {
    await start();
    const file = join(sshd.directory, 'deep', 'known_hosts');
    const prompts = scriptedPrompts({ hostKey: 'accept' });
    await connect({ hostKeys: 'ask', knownHosts: [file, '/nonexistent/second'] }, prompts);
    const fingerprint = execFileSync('ssh-keygen', ['-lf', join(sshd.directory, 'host_ed25519.pub')], { encoding: 'utf8' }).split(' ')[1];
    expect(prompts.hostKeys).toEqual([
      { hostName: 'web1', knownAs: `[127.0.0.1]:${sshd.port}`, keyType: 'ssh-ed25519', fingerprint, file },
    ]);
    expect(readFileSync(file, 'utf8')).toBe(sshd.knownHosts());
    expect(statSync(file).mode & 0o777).toBe(0o600);
    await connect({ hostKeys: 'ask', knownHosts: [file] }, prompts);
    expect(prompts.hostKeys).toHaveLength(1);
  });

  it.each(['reject', null] as const)('sends nothing when the answer is %s', async (answer) => {
    await start();
    const error = await refusal({ hostKeys: 'ask', knownHosts: [join(sshd.directory, 'empty')] }, scriptedPrompts({ hostKey: answer }));
    expect(error.reach).toBe('host-key');
    expect(error.message).toContain('is not known');
    expect(authAttempts().filter((line) => !line.includes('method none'))).toEqual([]);
  });

  it('refuses an unknown key without asking when strict', async () => {
    await start();
    const prompts = scriptedPrompts({ hostKey: 'accept' });
    const error = await refusal({ knownHosts: [join(sshd.directory, 'empty')] }, prompts);
    expect(error.reach).toBe('host-key');
    expect(prompts.hostKeys).toEqual([]);
    expect(authAttempts()).toEqual([]);
  });

  it('refuses a changed key before anything is sent, names file and line, and never asks', async () => {
    await start();
    const file = sshd.writeKnownHosts(`# old\n${sshd.knownHosts()}`);
    await sshd.rekey();
    const prompts = scriptedPrompts({ hostKey: 'accept' });
    const error = await refusal({ hostKeys: 'ask', knownHosts: [file] }, prompts);
    expect(error.reach).toBe('host-key');
    expect(error.message).toMatch(/^HOST KEY CHANGED: web1/);
    expect(error.message).toContain(`${file}:2`);
    expect(error.remedy).toContain(`ssh-keygen -R '[127.0.0.1]:${sshd.port}' -f ${file}`);
    expect(prompts.hostKeys).toEqual([]);
    expect(authAttempts()).toEqual([]);
  });

  it('refuses a revoked key before anything is sent', async () => {
    await start();
    const [key] = sshd.hostKeys;
    const file = sshd.writeKnownHosts(`${sshd.knownHosts()}@revoked * ${key?.publicKey}\n`);
    const error = await refusal({ knownHosts: [file] });
    expect(error.reach).toBe('host-key');
    expect(error.message).toMatch(/^REVOKED HOST KEY: web1/);
    expect(authAttempts()).toEqual([]);
  });

  it('has the server present the type of key that is known, hashed or not', async () => {
    await start({ hostKeys: ['ed25519', 'ecdsa', 'rsa'] });
    for (const type of ['ecdsa', 'rsa'] as const) {
      const key = sshd.hostKeys.find((one) => one.type === type);
      const plain = sshd.writeKnownHosts(`[127.0.0.1]:${sshd.port} ${key?.publicKey}\n`, `plain-${type}`);
      await connect({ knownHosts: [plain] });
      const hashed = sshd.writeKnownHosts(`[127.0.0.1]:${sshd.port} ${key?.publicKey}\n`, `hashed-${type}`);
      execFileSync('ssh-keygen', ['-q', '-H', '-f', hashed], { stdio: 'ignore' });
      await connect({ knownHosts: [hashed] });
    }
  });

  it('refuses a server that no longer has the known type of key', async () => {
    await start({ hostKeys: ['ecdsa'] });
    const other = readFileSync(`${makeKey(sshd.directory, 'elsewhere')}.pub`, 'utf8')
      .split(' ')
      .slice(0, 2)
      .join(' ');
    const file = sshd.writeKnownHosts(`[127.0.0.1]:${sshd.port} ${other}\n`);
    const error = await refusal({ hostKeys: 'ask', knownHosts: [file] }, scriptedPrompts({ hostKey: 'accept' }));
    expect(error.reach).toBe('host-key');
    expect(error.message).toMatch(/CHANGED/);
  });

  it('says that a host known by a certificate authority needs OpenSSH', async () => {
    await start();
    const ca = readFileSync(`${makeKey(sshd.directory, 'ca')}.pub`, 'utf8')
      .split(' ')
      .slice(0, 2)
      .join(' ');
    const file = sshd.writeKnownHosts(`@cert-authority * ${ca}\n`);
    const error = await refusal({ hostKeys: 'ask', knownHosts: [file] }, scriptedPrompts({ hostKey: 'accept' }));
    expect(error.reach).toBe('host-key');
    if (transport === 'ssh2') expect(error.remedy).toContain('transport: openssh');
  });

  it('refuses to go on when a known_hosts file cannot be read', async () => {
    await start();
    const error = await refusal({ hostKeys: 'ask', knownHosts: [sshd.directory] }, scriptedPrompts({ hostKey: 'accept' }));
    expect(error.reach).toBe('host-key');
    expect(authAttempts().filter((line) => !line.includes('method none'))).toEqual([]);
  });
});

describe.skipIf(sshdMissing())('host keys in memory', () => {
  it('need no file at all, nor does the key that logs in', async () => {
    const sshd = await startSshd();
    const ssh = settingsFor(sshd, { identity: [], knownHosts: ['/nonexistent/known_hosts'] });
    const connector = createConnector(fleetWith(ssh), noPrompts, {
      identityPem: readFileSync(sshd.identityFile, 'utf8'),
      knownHostLines: sshd.knownHosts().trim().split('\n'),
    });
    try {
      const connection = await connector.connect(hostAt(sshd.address), never);
      expect((await connection.exec('echo in', { deadlineMs: 5_000 })).stdout).toBe('in\n');
    } finally {
      await connector.close();
      await sshd.stop();
    }
  });

  it('ask once when many connections meet the same unknown key', async () => {
    const sshd = await startSshd();
    const prompts = scriptedPrompts({ hostKey: 'accept' });
    const connector = createConnector(
      fleetWith(settingsFor(sshd, { hostKeys: 'ask', knownHosts: [join(sshd.directory, 'none')] })),
      prompts,
    );
    try {
      await Promise.all(Array.from({ length: 5 }, () => connector.connect(hostAt(sshd.address), never)));
      expect(prompts.hostKeys).toHaveLength(1);
      expect(readFileSync(join(sshd.directory, 'none'), 'utf8')).toBe(sshd.knownHosts());
    } finally {
      await connector.close();
      await sshd.stop();
    }
  });

  it('keep a question open when the attempt that asked it was given up, and use its answer in the next', async () => {
    const sshd = await startSshd();
    const answer = Promise.withResolvers<'accept'>();
    let asked = 0;
    const prompts: Prompts = {
      ...noPrompts,
      hostKey: () => {
        asked += 1;
        return answer.promise;
      },
    };
    const connector = createConnector(
      fleetWith(settingsFor(sshd, { hostKeys: 'ask', knownHosts: [join(sshd.directory, 'none')] })),
      prompts,
    );
    try {
      await expect(connector.connect(hostAt(sshd.address), AbortSignal.timeout(500))).rejects.toMatchObject({ name: 'ReachError' });
      answer.resolve('accept');
      const connection = await connector.connect(hostAt(sshd.address), never);
      expect([asked, connection.closed]).toEqual([1, false]);
    } finally {
      await connector.close();
      await sshd.stop();
    }
  });
});
