import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Alert } from '../../src/fleet/alert.ts';
import { blameOrder, kindOf } from '../../src/health/alert-kind.ts';
import { explains } from '../../src/health/explains.ts';
import { Places } from '../../src/health/places.ts';
import { Suspects } from '../../src/health/suspects.ts';
import { fleetOf, hostOf, start } from './fixture.ts';

const fleet = fleetOf({
  depends: new Map([
    ['web', ['nfs', 'db']],
    ['nfs', ['lb']],
  ]),
});
const hosts = [
  hostOf('nfs1', 'nfs'),
  hostOf('nfs2', 'nfs'),
  hostOf('web1', 'web'),
  hostOf('web2', 'web'),
  hostOf('db1', 'db'),
  hostOf('lb1', 'lb'),
];
const names = [
  'network-down',
  'nfs-server-hung',
  'nfs-hung',
  'nfs-slow',
  'nfs-iops',
  'disk-full',
  'cpu-high',
  'iowait-high',
  'host-timeout',
  'pencils-down',
  'load-failing',
];

const alert: fc.Arbitrary<Alert> = fc
  .record({
    name: fc.constantFrom(...names),
    host: fc.constantFrom(null, ...hosts),
    severity: fc.constantFrom('warn', 'crit', 'unknown'),
    server: fc.constantFrom(undefined, 'nfs1:/data', 'nfs2:/data', 'elsewhere:/x'),
    after: fc.nat(5),
  })
  .map(({ name, host, severity, server, after }): Alert => {
    const labels: Record<string, string> = {};
    if (host !== null) Object.assign(labels, { host: host.name, env: host.env, role: host.role ?? '' });
    if (server !== undefined) labels['server'] = server;
    if (name === 'pencils-down') labels['service'] = 'pencils';
    if (name === 'load-failing') labels['check'] = 'load';
    return {
      id: `${name}@${host?.id ?? 'here'}#${server ?? ''}`,
      name,
      labels,
      severity,
      host: host?.id ?? null,
      hostName: host?.name ?? null,
      what: name,
      since: start + after,
      cause: null,
      suppressedBy: null,
      ackedBy: null,
      playbooks: [],
    };
  });
const alerts = fc.uniqueArray(alert, { maxLength: 12, selector: ({ id }) => id });

test('whatever can explain an alert is among its suspects', () => {
  const places = new Places(fleet, hosts);
  let explained = 0;
  fc.assert(
    fc.property(alerts, (all) => {
      const suspects = new Suspects(all);
      for (const child of all) {
        const listed = new Set(suspects.lists(child, places).flat());
        const causes = all.filter((parent) => explains(parent, child, fleet, places));
        explained += causes.length;
        expect(causes.filter((parent) => !listed.has(parent))).toEqual([]);
      }
    }),
  );
  expect(explained).toBeGreaterThan(100);
});

test('suspects stand in the order of blame, the oldest of a kind first', () => {
  const places = new Places(fleet, hosts);
  fc.assert(
    fc.property(alerts, (all) => {
      const suspects = new Suspects(all);
      for (const list of all.flatMap((child) => suspects.lists(child, places))) {
        const keys = list.map((one): [number, number] => [blameOrder(kindOf(one)), one.since]);
        expect(keys).toEqual(keys.toSorted(([kindA, sinceA], [kindB, sinceB]) => kindA - kindB || sinceA - sinceB));
      }
    }),
  );
});

test('a server that is not of the fleet is looked up once', () => {
  let looks = 0;
  const counted = hosts.map((host) => ({
    ...host,
    get address() {
      looks += 1;
      return host.address;
    },
  }));
  const places = new Places(fleet, counted);
  places.server('elsewhere:/x');
  const once = looks;
  places.server('elsewhere:/x');
  expect([once > 0, looks]).toEqual([true, once]);
});
