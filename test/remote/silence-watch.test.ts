import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { type HostConnection, noPrompts } from '../../src/remote/connection.ts';
import { createConnector } from '../../src/remote/connector.ts';
import type { ReachError } from '../../src/remote/reach-error.ts';
import { type RunningSshd, type SshdOptions, sshdMissing, startSshd } from '../sshd/sshd.ts';
import { fleetWith, hostAt, settingsFor } from './fleet.ts';

describe.skipIf(sshdMissing())('a connection that is watched for silence', () => {
  const ends: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0).toReversed()) await end();
  });

  async function connected(options: SshdOptions = {}, keepaliveMs = 150): Promise<{ sshd: RunningSshd; connection: HostConnection }> {
    const sshd = await startSshd(options);
    ends.push(() => sshd.stop());
    const connector = createConnector(fleetWith(settingsFor(sshd)), noPrompts, { env: {}, deadlines: { keepaliveMs } });
    ends.push(() => connector.close());
    return { sshd, connection: await connector.connect(hostAt(sshd.address), new AbortController().signal) };
  }
  const asked = (sshd: RunningSshd): number => sshd.log().match(/cancel-tcpip-forward/g)?.length ?? 0;

  test.each([{}, { DisableForwarding: 'yes' }])('stays open while it is idle, the server set to %o', async (config) => {
    const { sshd, connection } = await connected({ config });
    await sleep(1500);
    expect([connection.closed, asked(sshd) > 3]).toEqual([false, true]);
  });

  test('is given up as timed out when nothing comes any more', async () => {
    const { sshd, connection } = await connected();
    const gone = new Promise<ReachError>((resolve) => connection.onClosed(resolve));
    sshd.pause();
    const reason = await gone;
    sshd.resume();
    expect([reason.reach, reason.message]).toEqual(['timeout', 'web1 has stopped answering on its open connection.']);
  });

  test('is not asked while it talks by itself', async () => {
    const { sshd, connection } = await connected({}, 500);
    const talk = await connection.exec('i=0; while [ $i -lt 60 ]; do echo tick; sleep 0.05; i=$((i+1)); done', { deadlineMs: 20_000 });
    expect(talk.exit).toBe(0);
    // An idle one would be asked at least three times in these three seconds.
    expect(asked(sshd)).toBeLessThan(2);
  });
});
