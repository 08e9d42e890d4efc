import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { noPrompts } from '../../src/remote/connection.ts';
import { createConnector } from '../../src/remote/connector.ts';
import { type RunningSshd, sshdMissing, startSshd } from '../sshd/sshd.ts';
import { fleetWith, hostAt, settingsFor } from './fleet.ts';

describe.skipIf(sshdMissing())('keys made ready after the handshake', () => {
  let sshd: RunningSshd;
  beforeAll(async () => {
    sshd = await startSshd({ config: { Ciphers: 'aes128-gcm@openssh.com', RekeyLimit: '64K' } });
  });
  afterAll(() => sshd.stop());

  test('a connection whose keys change every 64 kB carries half a megabyte unharmed', async () => {
    const connector = createConnector(fleetWith(settingsFor(sshd)), noPrompts, { env: {} });
    try {
      const connection = await connector.connect(hostAt(sshd.address), new AbortController().signal);
      const result = await connection.exec('i=0; while [ $i -lt 50000 ]; do echo line-$i; i=$((i+1)); done', { deadlineMs: 20_000 });
      expect(result.exit).toBe(0);
      expect(result.stdout.trimEnd().split('\n')).toEqual(Array.from({ length: 50_000 }, (_, index) => `line-${index}`));
      expect(sshd.log().match(/rekey|KEXINIT sent/gi)?.length ?? 0).toBeGreaterThan(3);
    } finally {
      await connector.close();
    }
  });
});
