import { afterEach, describe, expect, it } from 'vitest';
import { noPrompts } from '../../src/remote/connection.ts';
import { createConnector } from '../../src/remote/connector.ts';
import { throttledPauseMs } from '../../src/remote/handshake-limits.ts';
import { sshdMissing, startSshd } from '../sshd/sshd.ts';
import { fleetWith, hostAt, settings, settingsFor } from './fleet.ts';
import { closeConnectors, refusal } from './reaching.ts';

const never = new AbortController().signal;

afterEach(closeConnectors);

describe('the connector', () => {
  it.skipIf(sshdMissing())('takes the transport of the host’s role, and no SSH for this machine', async () => {
    const sshd = await startSshd();
    const ssh = settingsFor(sshd);
    const byRole = new Map([['vault', { ...ssh, transport: 'openssh' as const }]]);
    const connector = createConnector(fleetWith(ssh, 8, byRole), noPrompts);
    try {
      const plain = await connector.connect(hostAt(sshd.address), never);
      const vault = await connector.connect(hostAt(sshd.address, { role: 'vault' }), never);
      const here = await connector.connect(hostAt(null, { provider: 'local' }), never);
      expect([plain.transport, vault.transport, here.transport]).toEqual(['ssh2', 'openssh', 'local']);
      await connector.close();
      expect([plain.closed, vault.closed, here.closed]).toEqual([true, true, true]);
      await expect(connector.connect(hostAt(sshd.address), never)).rejects.toMatchObject({ name: 'ReachError' });
    } finally {
      await connector.close();
      await sshd.stop();
    }
  });

  it.skipIf(sshdMissing())('logs in to fifty hosts at once', async () => {
    const addresses = Array.from({ length: 50 }, (_, n) => `127.0.2.${n + 1}`);
    const sshd = await startSshd({ addresses });
    const connector = createConnector(fleetWith(settingsFor(sshd)), noPrompts);
    try {
      const connections = await Promise.all(addresses.map((address) => connector.connect(hostAt(address, { name: address }), never)));
      expect(connections.filter((connection) => connection.closed)).toEqual([]);
    } finally {
      await connector.close();
      await sshd.stop();
    }
  });

  it.each(["10.0.0.1'; touch x", '-oProxyCommand=x', '$(id)', 'a b', '10.0.0.1\n', ''])(
    'refuses the address %j before it reaches any command line',
    async (address) => {
      for (const transport of ['ssh2', 'openssh'] as const) {
        const error = await refusal({ ssh: settings({ transport }), address });
        expect(error).toMatchObject({ reach: 'unreachable', message: expect.stringContaining('is not a host name') });
      }
    },
  );

  it.each(['-l', "o'ps", 'a;b', 'a b'])('refuses the user %j', async (user) => {
    expect((await refusal({ ssh: settings({ user }), address: '127.0.0.1' })).message).toContain('is not a login name');
  });

  it('backs off longer after each drop, with jitter, to four seconds at most', () => {
    expect(throttledPauseMs(1, () => 0)).toBe(150);
    expect(throttledPauseMs(1, () => 1)).toBe(300);
    expect(throttledPauseMs(20, () => 1)).toBe(4_000);
  });
});
