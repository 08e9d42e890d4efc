import { describe, expect, test } from 'vitest';
import { parseFleet } from '../../src/config/parse-fleet.ts';
import { reportText } from '../../src/commands/incident/make-report.ts';
import { goodListPath, writeGoodList } from '../../src/inventory/last-good-list.ts';
import { AlertLog } from '../../src/journal/alert-log.ts';
import { History } from '../../src/journal/history.ts';
import { scopeOf } from '../../src/journal/report/build-report.ts';
import { ownDir } from '../journal/fixture.ts';
import { alert, began, change, deskIn, minute, plainIncident } from '../journal/incident/story.ts';

const parsed = parseFleet(
  `fleet: pencilcode
inventory: [{ gce: { project: pencil-prod-7 }, role: { web: "tag:web" } }]
ssh: { user: pencil }
backups: { data: { on: web, kind: rsync, from: /data/, to: /backup/ } }
`,
  'fleet.yaml',
  '/home/x',
);

/** A report for people outside of an incident on one host of a cloud, whose others were only ever listed or measured. */
async function outside(told: string, title = 'Pages are slow', format: 'markdown' | 'html' | 'json' = 'markdown'): Promise<string> {
  if (!parsed.ok) throw new Error(parsed.problems.map((problem) => problem.message).join('; '));
  const { fleet } = parsed;
  const dir = ownDir();
  const { journal, desk, clock } = deskIn(dir);
  const listed = { resourceGroup: null, state: 'running', labels: {}, tags: [], publicAddress: null } as const;
  const cloud = { ...listed, id: 'us-central1-b/gpu-box', name: 'gpu-box', zone: 'us-central1-b', privateAddress: '10.1.0.9' };
  await writeGoodList(goodListPath(dir, 'gce', 'x'), 'gce', { at: began, hosts: [cloud] });
  const history = new History(dir, 'pencilcode');
  const empty = { cpuPct: null, iowaitPct: null, memoryPct: null, nfsIops: null, nfsMs: null, diskPct: null, health: 'ok' };
  history.record([{ host: 'nfs1', at: began, ...empty }]);
  history.close();
  new AlertLog({ journal, fleet: 'pencilcode', who: 'ann@deck' }).take([alert({ hostName: 'web1', what: 'unit says active' })], began);
  desk.start({ ...plainIncident, title, hosts: ['web1'], services: [] });
  for (const kind of ['intent', 'outcome'] as const) journal.append(change(kind, { targets: ['web1/restart'] }));
  journal.append(change('intent', { actionId: 'backup-1', targets: ['data'] }));
  desk.note(null, 'TODO ask Bob about the leaked key');
  desk.update(null, ['users'], told);
  clock.now += minute;
  desk.time(null, 'resolved');
  const incident = desk.find(null);
  const source = { fleet, journal, dir, mask: (text: string) => text };
  const text = reportText(
    source,
    incident,
    scopeOf(incident, 'pencilcode', clock.now),
    { format, template: null, external: true },
    () => {},
  );
  journal.close();
  return text;
}

/** What became of an update's text. */
async function said(told: string): Promise<string> {
  return /^- .{19}: (.*)$/m.exec(await outside(told))?.[1]?.replaceAll('\\', '') ?? '';
}

describe('a report for people outside', () => {
  test('names no host of a cloud, though the fleet file holds none and the incident another', async () => {
    expect(await said('It was nfs1, gpu-box and WEB1.')).toBe('It was several servers.');
    expect(await said('It ran on gpu-box in us-central1-b of pencil-prod-7, as pencil.')).toBe(
      'It ran on a server in [left out] of [left out], as a person.',
    );
  });

  test('names no host that is numbered like a known one, with its domain and port', async () => {
    expect(await said('We moved from web1:8816 to web-3.internal.')).toBe('We moved from a server to a server.');
  });

  test('has no path, port or id, however short', async () => {
    expect(await said('/data and ~/x on port 8816 of 0f3c6a1e-5d2b-4c11-9a57-3f0e6b1d2c40 at fe80::1%eth0 were full.')).toBe(
      '[left out] and [left out] on a port of [left out] at a server were full.',
    );
  });

  test('keeps ordinary words though a change or a backup has them for its name', async () => {
    expect(await said('A restart helped, and no data was lost: 24/7 and/or 3 / 4.')).toBe(
      'A restart helped, and no data was lost: 24/7 and/or 3 / 4.',
    );
  });

  test('bears neither an alert’s words as its title nor what a note asks to be done', async () => {
    for (const format of ['markdown', 'html', 'json'] as const) {
      const text = await outside('We are on it.', 'web1: unit says active', format);
      expect(text).toContain('Trouble with a service');
      expect(text).not.toMatch(/unit says|leaked key|Bob|web1/);
    }
    expect(await outside('x', 'Nobody can log in')).toContain('# INC-1: Nobody can log in');
  });
});
