import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { SshSettings } from '../../src/fleet/definition.ts';
import { makeKey, type RunningSshd, sshdMissing, startSshd } from '../sshd/sshd.ts';
import { hostAt, settingsFor } from './fleet.ts';
import { scriptedPrompts } from './prompts.ts';
import { closeConnectors, connectorFor, reach, refusal } from './reaching.ts';

const never = new AbortController().signal;

interface Agent {
  readonly socket: string;
  add(file: string): void;
  removeAll(): void;
  stop(): void;
}

/** A real ssh-agent of our own. */
async function startAgent(directory: string): Promise<Agent> {
  const socket = join(directory, 'agent.sock');
  const child = spawn('ssh-agent', ['-D', '-a', socket], { stdio: ['ignore', 'pipe', 'ignore'] });
  await new Promise<void>((resolve) => child.stdout.once('data', () => resolve()));
  const env = { ...process.env, SSH_AUTH_SOCK: socket };
  return {
    socket,
    add: (file) => void execFileSync('ssh-add', ['-q', file], { env, stdio: 'ignore' }),
    removeAll: () => void execFileSync('ssh-add', ['-q', '-D'], { env, stdio: 'ignore' }),
    stop: () => void child.kill(),
  };
}

describe.skipIf(sshdMissing())('logging in', () => {
  let sshd: RunningSshd;
  let agent: Agent;
  let locked = '';
  let stranger = '';

  beforeAll(async () => {
    sshd = await startSshd();
    locked = makeKey(sshd.directory, 'locked', { passphrase: 'open sesame' });
    stranger = makeKey(sshd.directory, 'stranger');
    execFileSync('sh', ['-c', `cat '${locked}.pub' >> '${sshd.directory}/authorized_keys'`]);
    agent = await startAgent(sshd.directory);
  });

  afterEach(async () => {
    await closeConnectors();
    agent.removeAll();
  });

  afterAll(async () => {
    agent.stop();
    await sshd.stop();
  });

  const attempt = (ssh: Partial<SshSettings>, more: Partial<Parameters<typeof reach>[0]> = {}): Parameters<typeof reach>[0] => ({
    ssh: settingsFor(sshd, ssh),
    address: sshd.address,
    ...more,
  });

  it('opens an encrypted key with the passphrase of the person, asked once for all hosts', async () => {
    const prompts = scriptedPrompts({ passphrases: ['wrong', 'open sesame'] });
    const connector = connectorFor(attempt({ identity: [locked] }, { prompts }));
    const connections = await Promise.all(Array.from({ length: 4 }, () => connector.connect(hostAt(sshd.address), never)));
    expect(connections.every((connection) => !connection.closed)).toBe(true);
    expect(prompts.passphrases).toEqual([
      { keyFile: locked, again: false },
      { keyFile: locked, again: true },
    ]);
    await connector.connect(hostAt(sshd.address), never);
    expect(prompts.passphrases).toHaveLength(2);
  });

  it('does not ask for a passphrase that another key makes needless', async () => {
    const prompts = scriptedPrompts({ passphrases: ['open sesame'] });
    await reach(attempt({ identity: [sshd.identityFile, locked] }, { prompts }));
    expect(prompts.passphrases).toEqual([]);
  });

  it('says what was not offered when nobody opens the key, and asks no more in this run', async () => {
    const prompts = scriptedPrompts({ passphrases: [null] });
    const connector = connectorFor(attempt({ identity: [locked] }, { prompts }));
    const failed = { reach: 'auth', message: expect.stringContaining(`${locked} is encrypted and was not opened`) };
    await expect(connector.connect(hostAt(sshd.address), never)).rejects.toMatchObject(failed);
    await expect(connector.connect(hostAt(sshd.address), never)).rejects.toMatchObject(failed);
    expect(prompts.passphrases).toHaveLength(1);
  });

  it.each(['ssh2', 'openssh'] as const)('uses the keys of an ssh-agent by %s and never forwards it', async (transport) => {
    agent.add(sshd.identityFile);
    const connection = await reach(
      attempt({ identity: [], agent: true, transport }, { options: { env: { ...process.env, SSH_AUTH_SOCK: agent.socket } } }),
    );
    const result = await connection.exec('echo "[$SSH_AUTH_SOCK]"', { deadlineMs: 5_000 });
    expect(result.stdout).toBe('[]\n');
    expect(sshd.log()).not.toContain('auth-agent-req');
  });

  it('lets the agent sign for a named key file that is encrypted, without asking', async () => {
    const prompts = scriptedPrompts({});
    agent.add(sshd.identityFile);
    const bait = makeKey(sshd.directory, 'bait');
    agent.add(bait);
    const options = { env: { SSH_AUTH_SOCK: agent.socket } };
    const moved = join(sshd.directory, 'only-public');
    execFileSync('cp', [`${sshd.identityFile}.pub`, `${moved}.pub`]);
    const before = sshd.log().length;
    await reach(attempt({ identity: [moved], agent: true }, { prompts, options }));
    expect(prompts.passphrases).toEqual([]);
    // Only the named key was shown to the server.
    expect(sshd.log().slice(before)).not.toContain(execFileSync('ssh-keygen', ['-lf', bait], { encoding: 'utf8' }).split(' ')[1]);
  });

  it('goes on with files when the agent is dead', async () => {
    await reach(attempt({ agent: true }, { options: { env: { SSH_AUTH_SOCK: '/nonexistent/agent' } } }));
  });

  it.each(['ssh2', 'openssh'] as const)('names a refused login for what it is by %s, after one attempt', async (transport) => {
    const before = sshd.log().length;
    const error = await refusal(attempt({ identity: [stranger], transport }));
    expect(error.reach).toBe('auth');
    expect(error.message).toContain(`web1 does not let ${sshd.user} in`);
    expect(error.remedy).not.toBeNull();
    expect(
      sshd
        .log()
        .slice(before)
        .match(/Connection from/g),
    ).toHaveLength(1);
  });

  it('says so when there is no key at all, and which named files are missing', async () => {
    const error = await refusal(attempt({ identity: ['/nonexistent/key'] }));
    expect(error.message).toContain('there is no key to offer');
    expect(error.message).toContain('/nonexistent/key does not exist');
  });

  it('does not use a private key that others can read', async () => {
    const open = makeKey(sshd.directory, 'open');
    chmodSync(open, 0o644);
    expect((await refusal(attempt({ identity: [open] }))).message).toContain('can be read by others');
  });

  it('says that a server takes no keys but passwords', async () => {
    const other = await startSshd({ config: { PubkeyAuthentication: 'no', PasswordAuthentication: 'yes' } });
    try {
      const error = await refusal({ ssh: settingsFor(other), address: other.address });
      expect(error.reach).toBe('auth');
      expect(error.message).toContain('password');
    } finally {
      await other.stop();
    }
  });

  it('says that too many keys were offered when the server stops the login', async () => {
    const other = await startSshd({ config: { MaxAuthTries: '2' } });
    try {
      for (const name of ['a', 'b', 'c', 'd']) agent.add(makeKey(other.directory, name));
      const error = await refusal({
        ssh: settingsFor(other, { agent: true, identity: [] }),
        address: other.address,
        options: { env: { SSH_AUTH_SOCK: agent.socket } },
      });
      expect(error.reach).toBe('auth');
      expect(error.remedy).toContain('ssh.identity');
    } finally {
      await other.stop();
    }
  });

  it('logs in with rsa and ecdsa keys', async () => {
    for (const type of ['rsa', 'ecdsa'] as const) {
      const file = makeKey(sshd.directory, `own-${type}`, { type });
      execFileSync('sh', ['-c', `cat '${file}.pub' >> '${sshd.directory}/authorized_keys'`]);
      const connection = await reach(attempt({ identity: [file] }));
      expect(connection.closed).toBe(false);
    }
    expect(readFileSync(join(sshd.directory, 'authorized_keys'), 'utf8')).toContain('ssh-rsa');
  });

  it('reaches IPv6 addresses', async () => {
    const six = await startSshd({ addresses: ['::1'] });
    try {
      for (const transport of ['ssh2', 'openssh'] as const) {
        const connection = await reach({ ssh: settingsFor(six, { transport }), address: '::1' });
        expect((await connection.exec('echo six', { deadlineMs: 5_000 })).stdout).toBe('six\n');
      }
    } finally {
      await six.stop();
    }
  });
});
