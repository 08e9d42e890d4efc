import { describe, expect, test } from 'vitest';
import type { Contact } from '../../src/fleet/contact.ts';
import type { Host } from '../../src/fleet/host.ts';
import type { ReachState } from '../../src/fleet/reach.ts';
import type { CheckSample } from '../../src/fleet/sample.ts';
import { Series } from '../../src/fleet/series.ts';
import type { HostView } from '../../src/fleet/view.ts';
import { escalateAfterMs, outOfBandCard } from '../../src/health/out-of-band.ts';

const since = Date.UTC(2016, 0, 28, 5, 3);
const contacts: readonly Contact[] = [
  { name: 'Kim', role: null, phone: '1', mail: null, when: null, for: [] },
  { name: 'FSF', role: 'console', phone: '2', mail: null, when: 'office hours', for: ['sunjammer'] },
];

function view(reach: Partial<ReachState>, host: Partial<Host> = {}, checks: readonly CheckSample[] = []): HostView {
  const series = {
    cpuPct: new Series(1),
    iowaitPct: new Series(1),
    memoryPct: new Series(1),
    nfsIops: new Series(1),
    nfsMs: new Series(1),
    diskPct: new Series(1),
    ioIops: new Series(1),
  };
  return {
    host: {
      id: 'static/sunjammer',
      name: 'sunjammer',
      role: 'app',
      env: 'prod',
      zone: null,
      address: '10.0.0.1',
      ssh: { user: null, port: null },
      labels: {},
      provider: 'static',
      source: 'static',
      cloudState: null,
      ...host,
    },
    reach: { reach: 'timeout', since, why: null, ...reach },
    sample: null,
    verdict: { health: 'unknown', reasons: [] },
    services: [],
    checks,
    pools: [],
    backups: [],
    series,
    version: null,
    goneSince: null,
  };
}

const answers: CheckSample = {
  name: 'home',
  kind: 'http',
  ok: true,
  health: 'ok',
  ms: 10,
  detail: '',
  value: null,
  text: null,
  at: since + 1000,
};

describe('a host that is wedged', () => {
  test('has a card with whom to call, since when, and when to call somebody else', () => {
    const early = outOfBandCard(view({ reach: 'no-shell' }), contacts, since + 60_000);
    expect(early).toMatchObject({
      why: 'it answers SSH but gives no shell',
      forMs: 60_000,
      escalate: false,
      escalateAt: since + escalateAfterMs,
    });
    expect(early?.contacts.map(({ name }) => name)).toEqual(['FSF', 'Kim']);
    expect(outOfBandCard(view({ reach: 'no-shell' }), contacts, since + escalateAfterMs)?.escalate).toBe(true);
  });

  test.each([
    ['its cloud says that it runs', view({}, { cloudState: 'running' }), true],
    ['a check of it answers since then', view({}, {}, [answers]), true],
    ['the login stayed away', view({ why: 'timed out during banner exchange' }), true],
    ['a check answered only before', view({}, {}, [{ ...answers, at: since - 1 }]), false],
    ['nothing is known but silence', view({}), false],
    ['its cloud stopped it', view({}, { cloudState: 'stopped' }), false],
    ['sshd is down', view({ reach: 'refused' }, { cloudState: 'running' }), false],
    ['it is well', view({ reach: 'ok' }, { cloudState: 'running' }, [answers]), false],
  ])('%s: card %#', (_, given, expected) => {
    expect(outOfBandCard(given, contacts, since) !== null).toBe(expected);
  });

  test('its labels and its provider say which console to try', () => {
    const labels = { ipmi: '10.9.0.7', owner: 'kim' };
    expect(outOfBandCard(view({ reach: 'no-shell' }, { labels }), [], since)?.hints).toEqual(['ipmi: 10.9.0.7']);
    const gce = outOfBandCard(view({}, { provider: 'gce', zone: 'us-central1-a', cloudState: 'running' }), [], since);
    expect(gce?.hints[1]).toBe('gcloud compute connect-to-serial-port sunjammer --zone us-central1-a');
  });
});
