import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createExecutor } from '../../../src/actions/executor.ts';
import type { Cloud } from '../../../src/cloud/cloud.ts';
import { createCloud } from '../../../src/cloud/create-cloud.ts';
import { loadFleet } from '../../../src/config/load-fleet.ts';
import { fleetOnLoopback } from '../../../src/demo/fleet-on-loopback.ts';
import { type Demo, startDemo } from '../../../src/demo/start-demo.ts';
import type { BackupSpec, Fleet } from '../../../src/fleet/definition.ts';
import { createProviders } from '../../../src/inventory/create-providers.ts';
import { Inventory } from '../../../src/inventory/inventory.ts';
import type { Journal } from '../../../src/journal/entry.ts';
import { openJournal } from '../../../src/journal/sqlite-journal.ts';
import { LiveFleet } from '../../../src/live/live-fleet.ts';
import { createFleetStore } from '../../../src/live/store.ts';
import { systemClock } from '../../../src/poll/clock.ts';
import { noPrompts } from '../../../src/remote/connection.ts';
import { createConnector } from '../../../src/remote/connector.ts';

const demoFile = fileURLToPath(new URL('../../../config/demo.yaml', import.meta.url));

describe('a snapshot of a cloud disk, by the vendor’s SDK through the executor', { timeout: 60_000 }, () => {
  let demo: Demo;
  let cloud: Cloud;
  let live: LiveFleet;
  let journal: Journal;
  let directory: string;

  beforeEach(async () => {
    demo = await startDemo();
    const loaded = await loadFleet(demoFile);
    const [template] = loaded.ok ? loaded.fleet.backups : [];
    if (!loaded.ok || template === undefined) throw new Error('The demo file is not good.');
    const snapshot: BackupSpec = { ...template, name: 'disk', kind: 'gce-snapshot', options: { disk: 'nfs1-data', zone: 'us-central1-a' } };
    const fleet: Fleet = { ...fleetOnLoopback(loaded.fleet, demo), backups: [snapshot] };
    directory = mkdtempSync(join(tmpdir(), 'qd-snapshot-'));
    journal = openJournal(directory, () => new Date());
    cloud = createCloud();
    const connector = createConnector(fleet, noPrompts, { identityPem: demo.identityPem, knownHostLines: demo.knownHostLines });
    live = new LiveFleet({
      fleet,
      inventory: new Inventory(createProviders(fleet, { cloud, stateDir: null }), systemClock.wallMs),
      connector,
      store: createFleetStore({ fleetName: fleet.name, title: fleet.title, demo: true, at: Date.now() }),
      clock: systemClock,
      cloud,
      wanted: () => true,
      continuous: false,
    });
    await live.pollOnce(300);
  });

  afterEach(async () => {
    live.stop();
    await cloud.close();
    await demo.stop();
    journal.close();
    rmSync(directory, { recursive: true, force: true });
  });

  test('is made under a new name, waited for until it is ready, and read back as the newest copy', async () => {
    const executor = createExecutor({ world: live, journal, readOnly: false, who: 'tester@here' });
    const host = live.views().find((view) => view.host.name === 'nfs1')?.host;
    if (host === undefined) throw new Error('The demo has an nfs1.');
    expect((await live.freshBackup('disk', host.id))?.artifacts).toEqual([]);
    const planned = await executor.plan({ action: 'backup', hostId: host.id, name: 'disk' });
    if (!planned.ok) throw new Error(planned.refusal.message);
    executor.arm(planned.plan.env);
    const outcome = await executor.execute(planned.plan, planned.plan.confirmation.word, () => {});
    expect(outcome).toMatchObject({ kind: 'ok' });
    const read = await live.freshBackup('disk', host.id);
    expect(read?.error).toBeNull();
    expect(read?.artifacts).toHaveLength(1);
    expect(journal.ofAction(planned.plan.id).map((entry) => entry.kind)).toEqual(['intent', 'outcome']);
  });
});
