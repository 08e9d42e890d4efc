import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { PlaybookShelf } from '../../src/commands/playbook-shelf.ts';
import type { Alert } from '../../src/fleet/alert.ts';

const head = 'format: 1\ntitle: T\nowner: o\nreviewed: "2026-11-21"\nwhen_to_use: w\n';

async function shelfWith(
  pages: Readonly<Record<string, string>>,
): Promise<{ shelf: PlaybookShelf; write(id: string, rule: string): void }> {
  const folder = mkdtempSync(join(tmpdir(), 'qd-shelf-'));
  chmodSync(folder, 0o700);
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const write = (id: string, rule: string): void =>
    writeFileSync(join(folder, `${id}.yaml`), `playbook: ${id}\n${head}suggest: [${rule}]\nsteps: [{ stop: done }]\n`, { mode: 0o600 });
  for (const [id, rule] of Object.entries(pages)) write(id, rule);
  const shelf = new PlaybookShelf(folder, () => ['web1']);
  await shelf.reload();
  return { shelf, write };
}

function alert(name: string, host: string, more: Partial<Alert> = {}): Alert {
  const id = `${name}@${host}`;
  const rest = { since: 0, cause: null, suppressedBy: null, ackedBy: null, playbooks: [] };
  return { id, name, labels: { host }, severity: 'crit', host, hostName: host, what: 'latency 48 ms', ...rest, ...more };
}

test('alerts carry the playbooks that they lead to, best first; one that is explained names its cause’s first', async () => {
  const { shelf } = await shelfWith({ any: '{ alert: ".*" }', nfs: '{ alert: "^nfs-slow$" }', pencils: '{ alert: "^pencils-down$" }' });
  const root = alert('nfs-slow', 'nfs1');
  const alerts = shelf.onAlerts([root, alert('pencils-down', 'web1', { cause: root.id }), alert('cpu-high', 'web1')]);
  expect(alerts.map(({ playbooks }) => playbooks)).toEqual([['nfs', 'any'], ['nfs', 'pencils', 'any'], ['any']]);
});

test('the same alerts are not thought about again, nor one whose numbers alone have changed; what is written anew counts after a reload', async () => {
  const { shelf, write } = await shelfWith({ nfs: '{ alert: "^nfs-slow$" }' });
  const given = [alert('nfs-slow', 'nfs1')];
  const first = shelf.onAlerts(given);
  expect(shelf.onAlerts(given)).toBe(first);
  const later = shelf.onAlerts([alert('nfs-slow', 'nfs1', { what: 'latency 51 ms' })]);
  expect(later[0]?.playbooks).toBe(first[0]?.playbooks);
  expect(later[0]?.what).toBe('latency 51 ms');
  write('better', '{ alert: "^nfs-slow$", labels: { host: nfs1 } }');
  await shelf.reload();
  expect(shelf.onAlerts(given)[0]?.playbooks).toEqual(['better', 'nfs']);
});

test('alerts that explain each other in a ring, or one that is gone, end', async () => {
  const { shelf } = await shelfWith({ nfs: '{ alert: "^nfs-slow$" }' });
  const ring = [alert('nfs-slow', 'a', { cause: 'x@b' }), alert('x', 'b', { cause: 'nfs-slow@a' }), alert('y', 'c', { cause: 'gone' })];
  expect(shelf.onAlerts(ring).map(({ playbooks }) => playbooks)).toEqual([['nfs'], ['nfs'], []]);
});

test('without playbooks alerts stay as they are', async () => {
  const shelf = new PlaybookShelf(null, () => []);
  await shelf.reload();
  const given = [alert('nfs-slow', 'nfs1')];
  expect(shelf.onAlerts(given)).toBe(given);
});
