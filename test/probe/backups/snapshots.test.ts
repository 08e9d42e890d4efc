import { describe, expect, test } from 'vitest';
import { backupCommands } from '../../../src/actions/backups/commands.ts';
import type { CloudAnswer, CloudReadCall, CloudReader, CloudSnapshot } from '../../../src/cloud/calls.ts';
import type { BackupSpec, Fleet } from '../../../src/fleet/definition.ts';
import { readBackup } from '../../../src/probe/backups/read-backup.ts';
import { benchView } from '../../actions/backups/bench.ts';
import { faultsOf, fleetOf } from '../../config/fixture.ts';

const text = (data: object): string =>
  JSON.stringify({
    fleet: 'clouds',
    inventory: [{ gce: { project: 'paris' }, role: { nfs: 'tag:nfs' } }],
    backups: { data },
  });
const given = { on: 'nfs', kind: 'gce-snapshot', disk: 'nfs-data', zone: 'z1' };
const made = (more: object = {}): { fleet: Fleet; spec: BackupSpec } => {
  const fleet = fleetOf(text({ ...given, ...more }));
  const [spec] = fleet.backups;
  if (spec === undefined) throw new Error('no backup');
  return { fleet, spec };
};

/** Answers every question with these snapshots, and remembers what was asked. */
class Listing implements CloudReader {
  readonly asked: CloudReadCall[] = [];
  readonly #snapshots: readonly CloudSnapshot[];
  constructor(snapshots: readonly CloudSnapshot[]) {
    this.#snapshots = snapshots;
  }
  read<Call extends CloudReadCall>(_access: unknown, call: Call): Promise<CloudAnswer<Call>> {
    this.asked.push(call);
    const answer: unknown = { ok: true, value: { snapshots: this.#snapshots } };
    return Promise.resolve(answer as CloudAnswer<Call>);
  }
}

const snapshot = (name: string, at: number, state: CloudSnapshot['state'], pct: number | null = null): CloudSnapshot => ({
  name,
  at,
  state,
  bytes: 10,
  pct,
});

const read = ({ fleet, spec }: ReturnType<typeof made>, cloud: CloudReader) =>
  readBackup(spec, benchView.host, { fleet, hosts: [], cloud, now: () => 0, run: async () => null });

describe('snapshots of a cloud’s disk', () => {
  test('ready ones are copies, one being made is running, and a failed one newer than the last good one is told', async () => {
    const cloud = new Listing([snapshot('c', 3000, 'creating', 40), snapshot('b', 2000, 'failed'), snapshot('a', 1000, 'ready')]);
    const reading = await read(made(), cloud);
    expect(cloud.asked).toEqual([{ call: 'snapshots', disk: { kind: 'gce-disk', zone: 'z1', disk: 'nfs-data' } }]);
    expect(reading).toMatchObject({
      error: null,
      artifacts: [{ name: 'a', at: 1000, verified: true }],
      running: { startedAt: 3000, pct: 40 },
      failed: { at: 2000, why: 'the cloud says that snapshot b failed' },
    });
  });

  test('at most five are told, the newest first, and an old failure is not', async () => {
    const many = Array.from({ length: 8 }, (_, index) => snapshot(`s${index}`, index * 1000, index === 0 ? 'failed' : 'ready'));
    const reading = await read(made(), new Listing(many));
    expect(reading.artifacts.map((copy) => copy.name)).toEqual(['s7', 's6', 's5', 's4', 's3']);
    expect(reading.failed).toBeNull();
  });

  test('without a zone anywhere the missing key is named', async () => {
    expect((await read(made({ zone: undefined }), new Listing([]))).error).toContain('backups.data.zone is missing');
  });

  test('an order keeps its name and id while its plan is read again, and gets new ones after another snapshot came', () => {
    const { fleet, spec } = made();
    const request = { action: 'backup', hostId: benchView.host.id, name: 'data' } as const;
    const plan = (newest: string | null, own: typeof request = request) =>
      JSON.stringify(backupCommands(fleet, spec, benchView, own, newest));
    const first = plan(null);
    expect(first).toMatch(/"call":"snapshot-create".*"name":"data-\d{8}-\d{6}","requestId":"[0-9a-f-]{36}"/);
    expect(plan(null)).toBe(first);
    expect(plan('another')).not.toBe(first);
    expect(plan(null, { ...request })).not.toBe(first);
  });

  test('a file that does not say which role the disk belongs to is refused by name', () => {
    expect(faultsOf(text({ ...given, on: undefined }))).toEqual([expect.stringContaining('"on" is missing from backups.data')]);
  });
});
