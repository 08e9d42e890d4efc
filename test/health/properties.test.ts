import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type AlertStep } from '../../src/health/alerts.ts';
import { outlivePolls } from '../../src/health/cause.ts';
import { freshHealth, type HostEvidence, stepHealth } from '../../src/health/step.ts';
import { checkOf, diskOf, fleetOf, heard, hostOf, load, mountOf, reachOf, sampleOf, serviceOf, start } from './fixture.ts';

const hosts = [hostOf('nfs1', 'nfs'), hostOf('web1', 'web'), hostOf('web2', 'web')];
const fleet = fleetOf({ checks: [load] });

/** What a host does in one poll. */
const doing: fc.Arbitrary<'well' | 'failed' | 'slow' | 'hung' | 'full' | 'gap' | 'silent' | 'refused' | 'timeout' | 'check'> =
  fc.constantFrom('well', 'failed', 'slow', 'hung', 'full', 'gap', 'silent', 'refused', 'timeout', 'check');
/** Runs of the same behaviour, so that episodes begin and end. */
const story = fc
  .array(fc.tuple(fc.tuple(doing, doing, doing), fc.integer({ min: 1, max: 9 })), { minLength: 1, maxLength: 8 })
  .map((parts) => parts.flatMap(([each, length]) => Array.from({ length }, () => each)));

type Doing = Parameters<Parameters<typeof doing.map>[0]>[0];

function evidence(before: HostEvidence | undefined, index: number, does: Doing, now: number): HostEvidence {
  const host = hosts[index];
  if (host === undefined) throw new Error('no such host');
  if (does === 'silent' || does === 'refused' || does === 'timeout') {
    const last = before ?? heard(host, null);
    return does === 'silent' ? last : { ...last, reach: reachOf(does, last.reach.reach === does ? last.reach.since : now) };
  }
  const sample = sampleOf(now, {
    disks: does === 'gap' ? null : [diskOf({ mount: '/data', usedPct: does === 'full' ? 97 : 40 })],
    nfsMounts:
      does === 'gap'
        ? null
        : [mountOf({ state: does === 'hung' ? 'hung' : 'ok', rttMs: does === 'hung' ? null : does === 'slow' ? 150 : 2 })],
    services: does === 'gap' ? [] : [serviceOf({ state: does === 'failed' ? 'failed' : 'running' })],
  });
  return { ...heard(host, sample, [checkOf(now, does === 'check' ? { ok: false, health: 'crit' } : {})]), reach: reachOf('ok', now) };
}

interface Played {
  readonly now: number;
  readonly hosts: readonly HostEvidence[];
  readonly step: ReturnType<typeof stepHealth>;
}

/** Plays a story; `looks` is how often the console looks at the same evidence within a poll. */
function play(polls: readonly (readonly Doing[])[], looks = 1): Played[] {
  const played: Played[] = [];
  let state = freshHealth;
  let seen: readonly HostEvidence[] = [];
  for (const [index, each] of polls.entries()) {
    const at = start + index * 5000;
    seen = each.map((does, which) => evidence(seen[which], which, does, at));
    for (let look = 0; look < looks; look += 1) {
      const now = at + look * 250;
      const step = stepHealth(state, { fleet, hosts: seen, checksHere: [], now });
      state = step.state;
      played.push({ now, hosts: seen, step });
    }
  }
  return played;
}

const ids = (step: Pick<AlertStep, 'alerts'>) => step.alerts.map((alert) => alert.id);

test('nothing is ok without fresh evidence', () => {
  fc.assert(
    fc.property(story, (polls) => {
      for (const { now, hosts: seen, step } of play(polls)) {
        for (const { host, reach, sample } of seen) {
          const judged = step.judged.get(host.id);
          if (judged?.verdict.health !== 'ok') continue;
          expect(reach.reach).toBe('ok');
          expect(sample === null ? Number.POSITIVE_INFINITY : now - sample.at).toBeLessThanOrEqual(fleet.poll.staleMs);
          for (const service of judged.services) expect(service.health).toBe('ok');
        }
      }
    }),
    { numRuns: 150 },
  );
});

test('an episode raises one alert and ends before the next begins', () => {
  fc.assert(
    fc.property(story, (polls) => {
      const standing = new Set<string>();
      const since = new Map<string, number>();
      for (const { step } of play(polls)) {
        expect(new Set(ids(step)).size).toBe(step.alerts.length);
        for (const gone of step.cleared) expect(standing.delete(gone.id)).toBe(true);
        for (const raised of step.raised) {
          expect(standing.has(raised.id)).toBe(false);
          standing.add(raised.id);
          since.set(raised.id, raised.since);
        }
        expect(new Set(ids(step))).toEqual(standing);
        for (const alert of step.alerts) expect(alert.since).toBe(since.get(alert.id));
      }
    }),
    { numRuns: 150 },
  );
});

test('no alert of what a host said ends while the host is silent', () => {
  fc.assert(
    fc.property(story, (polls) => {
      for (const { step } of play(polls)) {
        for (const gone of step.cleared) {
          if (gone.host === null || gone.name.startsWith('host-') || gone.name === 'nfs-server-hung') continue;
          expect(step.judged.get(gone.host)?.verdict.reasons.some((reason) => reason.name.startsWith('host-'))).toBe(false);
        }
      }
    }),
    { numRuns: 150 },
  );
});

test('suppression ends with its cause, and every chain of causes ends in a root', () => {
  fc.assert(
    fc.property(story, (polls) => {
      const lastSeen = new Map<string, number>();
      for (const { now, step } of play(polls)) {
        const byId = new Map(step.alerts.map((alert) => [alert.id, alert]));
        for (const id of byId.keys()) lastSeen.set(id, now);
        for (const alert of step.alerts) {
          expect(alert.cause === null).toBe(alert.suppressedBy === null);
          if (alert.suppressedBy === null || alert.cause === null) continue;
          const root = byId.get(alert.suppressedBy);
          if (root !== undefined && byId.has(alert.cause)) expect(root.id).not.toBe(alert.id);
          // Gone causes are remembered for two polls and the one in which they went.
          else expect(now - (lastSeen.get(alert.cause) ?? 0)).toBeLessThanOrEqual((outlivePolls + 1) * fleet.poll.everyMs);
        }
      }
    }),
    { numRuns: 150 },
  );
});

test('the same evidence replayed gives the same alerts', () => {
  fc.assert(
    fc.property(story, (polls) => {
      expect(play(polls).map(({ step }) => step.alerts)).toEqual(play(polls).map(({ step }) => step.alerts));
    }),
    { numRuns: 50 },
  );
});

test('looking more often raises and ends the same episodes', () => {
  fc.assert(
    // Silence is left out: that a sample has grown stale is noticed when one looks.
    fc.property(story, (told) => {
      const polls = told.map((each) => each.map((does) => (does === 'silent' ? 'refused' : does)));
      const turns = (looks: number) =>
        play(polls, looks).flatMap(({ step }) => [...step.raised.map((one) => `+${one.id}`), ...step.cleared.map((one) => `-${one.id}`)]);
      expect(turns(5).toSorted()).toEqual(turns(1).toSorted());
    }),
    { numRuns: 100 },
  );
});
