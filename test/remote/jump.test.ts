import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { SshSettings } from '../../src/fleet/definition.ts';
import type { ReachError } from '../../src/remote/reach-error.ts';
import { freePort, type RunningSshd, sshdMissing, startSshd } from '../sshd/sshd.ts';
import { hostAt, settingsFor } from './fleet.ts';
import { scriptedPrompts } from './prompts.ts';
import { closeConnectors, connectorFor, reach, refusal } from './reaching.ts';

const never = new AbortController().signal;

describe.skipIf(sshdMissing()).each(['ssh2', 'openssh'] as const)('jump hosts by %s', (transport) => {
  let outer: RunningSshd;
  let inner: RunningSshd;
  let target: RunningSshd;

  beforeAll(async () => {
    outer = await startSshd({ addresses: ['127.0.1.1'] });
    inner = await startSshd({ addresses: ['127.0.1.2'], authorizedKeys: [outer.publicKey] });
    target = await startSshd({ addresses: ['127.0.1.3'], authorizedKeys: [outer.publicKey] });
  });

  afterEach(closeConnectors);

  afterAll(async () => {
    await Promise.all([outer, inner, target].map((sshd) => sshd.stop()));
  });

  function chain(changes: Partial<SshSettings> = {}): SshSettings {
    const known = outer.writeKnownHosts([outer, inner, target].map((sshd) => sshd.knownHosts()).join(''));
    return settingsFor(target, {
      transport,
      identity: [outer.identityFile],
      knownHosts: [known],
      jump: [`${outer.user}@127.0.1.1:${outer.port}`, `127.0.1.2:${inner.port}`],
      ...changes,
    });
  }

  it('are passed two in a row, each with its own host key check', async () => {
    const connection = await reach({ ssh: chain(), address: '127.0.1.3' });
    const result = await connection.exec('echo "$SSH_CONNECTION"', { deadlineMs: 5_000 });
    expect(result.stdout).toContain(`127.0.1.3 ${target.port}`);
    expect(connection.traffic().received).toBeGreaterThan(0);
  });

  it('are shared by the hosts behind them', async () => {
    const connector = connectorFor({ ssh: chain(), address: '127.0.1.3' });
    const before = outer.log().match(/Accepted publickey/g)?.length ?? 0;
    await connector.connect(hostAt('127.0.1.3'), never);
    await Promise.all(Array.from({ length: 5 }, () => connector.connect(hostAt('127.0.1.3'), never)));
    expect((outer.log().match(/Accepted publickey/g)?.length ?? 0) - before).toBe(1);
  });

  it('make the host behind them unreachable, not down, when they are gone', async () => {
    const error = await refusal({ ssh: chain({ jump: [`127.0.1.1:${await freePort('127.0.1.1')}`] }), address: '127.0.1.3' });
    expect(error.reach).toBe('unreachable');
    expect(error.message).toContain('jump host 127.0.1.1');
  });

  it('tell a closed port behind them', async () => {
    const error = await refusal({ ssh: chain({ port: await freePort('127.0.1.3') }), address: '127.0.1.3' });
    expect(['refused', 'unreachable']).toContain(error.reach);
    if (transport === 'ssh2') expect(error.reach).toBe('refused');
    expect(error.message).toContain('jump host');
  });

  it('are not passed when their host key is unknown', async () => {
    const known = outer.writeKnownHosts(outer.knownHosts() + target.knownHosts(), 'without-inner');
    const error = await refusal({ ssh: chain({ knownHosts: [known] }), address: '127.0.1.3' });
    expect(error.reach).toBe('host-key');
  });

  it('are asked about outermost first, then the host', async () => {
    const prompts = scriptedPrompts({ hostKey: 'accept' });
    await reach({ ssh: chain({ hostKeys: 'ask', knownHosts: [`${outer.directory}/asked-${transport}`] }), address: '127.0.1.3', prompts });
    expect(prompts.hostKeys.map((question) => question.knownAs)).toEqual([
      `[127.0.1.1]:${outer.port}`,
      `[127.0.1.2]:${inner.port}`,
      `[127.0.1.3]:${target.port}`,
    ]);
  });

  it('take the connections behind them along when they die', async () => {
    const gate = await startSshd({ addresses: ['127.0.1.4'], authorizedKeys: [outer.publicKey] });
    const known = outer.writeKnownHosts(gate.knownHosts() + target.knownHosts(), 'gate');
    const connection = await reach({ ssh: chain({ knownHosts: [known], jump: [`127.0.1.4:${gate.port}`] }), address: '127.0.1.3' });
    const closed = new Promise<ReachError>((resolve) => connection.onClosed(resolve));
    await gate.stop();
    expect((await closed).reach).toMatch(/unreachable|timeout/);
  });
});
