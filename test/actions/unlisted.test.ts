import { expect, test } from 'vitest';
import { brokenFloor } from '../../src/actions/pool-floor.ts';
import { unlistedWarning } from '../../src/actions/unlisted.ts';
import type { CloudState } from '../../src/fleet/host.ts';
import type { Reach } from '../../src/fleet/reach.ts';
import type { HostView } from '../../src/fleet/view.ts';
import { HostRecord } from '../../src/live/host-record.ts';
import { fleetOf, hostOf, reachOf, sampleOf, start } from '../health/fixture.ts';

const web = fleetOf({
  pools: [
    {
      name: 'web',
      kind: 'health-file',
      memberRoles: ['web'],
      floor: { count: 1, ratio: 50 },
      drain: null,
      remindMs: null,
      options: {},
    },
  ],
});

function view(name: string, cloudState: CloudState, reach: Reach = 'ok'): HostView {
  const record = new HostRecord(web, hostOf(name, 'web', { cloudState, zone: cloudState === 'unknown' ? 'us-b' : 'us-a' }), start);
  record.reached(reachOf(reach, start), start);
  if (reach === 'ok') record.sampled(sampleOf(start), start);
  return { ...record.view, pools: [{ name: 'web', state: 'in', health: 'up', connections: null }] };
}

test('a plan says that hosts of a zone which could not be listed belong to the group, and is silent when all are known', () => {
  const views = [view('web1', 'running'), view('web2', 'running'), view('web3', 'unknown', 'timeout')];
  const [web1] = views;
  if (web1 === undefined) throw new Error('There is a first host.');
  const warning = 'the cloud does not say how 1 of 3 hosts of role web in us-b is now: the group may be another than this console knows';
  expect(unlistedWarning(web1, views)).toBe(warning);
  expect(unlistedWarning(web1, views.slice(0, 2))).toBeNull();
});

test('a host kept from a zone that could not be listed still counts in its pool, as out unless it answers itself', () => {
  const kept = (reach: Reach): HostView[] => [
    view('web1', 'running'),
    view('web2', 'running'),
    view('web3', 'unknown', reach),
    view('web4', 'unknown', reach),
  ];
  const taking = (views: HostView[]) => views.slice(0, 1).map((one) => one.host.id);
  const silent = kept('timeout');
  expect(brokenFloor(web, silent, taking(silent))).toBe('pool web would keep 1 healthy of 4, and its floor is 2');
  const answering = kept('ok');
  expect(brokenFloor(web, answering, taking(answering))).toBeNull();
});
