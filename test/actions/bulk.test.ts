import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { BulkPlan, BulkRun, BulkState } from '../../src/actions/bulk-plan.ts';
import type { ConfirmExtras } from '../../src/actions/plan.ts';
import type { ActionRequest } from '../../src/actions/request.ts';
import { type BenchConsole, openConsole } from './console.ts';
import { buildChild, type ChildProgram, ConsoleChild } from './child.ts';
import { type Hosts, hostsMissing, startHosts } from './hosts.ts';

const count = 20;

describe.skipIf(hostsMissing())(`one change on ${count} hosts`, () => {
  let hosts: Hosts;
  let program: ChildProgram;
  const open: BenchConsole[] = [];

  beforeAll(async () => {
    [hosts, program] = await Promise.all([startHosts(65, count), buildChild()]);
  }, 120_000);
  afterAll(async () => {
    await hosts?.stop();
    program?.remove();
  });
  beforeEach(() => {
    for (const host of hosts.hosts) for (const knob of ['seconds', 'fail', 'log', 'units/nginx', 'units/app']) host.set(knob, null);
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((one) => one.close()));
    for (const host of hosts.hosts) expect([host.name, host.steps(), host.locks()]).toEqual([host.name, [], []]);
  });

  const sections = (bulk: object, more: object = {}): Record<string, unknown> => ({
    services: { nginx: { on: 'web', manager: 'systemd', hold: '0s' }, app: { on: 'web', manager: 'systemd', hold: '0s' } },
    bulk: { canary: 1, batch: 4, healthy: 1, stop_after: 1, ...bulk },
    ...more,
  });

  async function console(fleet: string, state: string, names?: readonly string[]): Promise<BenchConsole> {
    const opened = await openConsole({ fleet, state, ...(names === undefined ? {} : { hosts: names }) });
    open.push(opened);
    return opened;
  }

  const newState = (): string => mkdtempSync(join(hosts.directory, 'state-'));
  const restarts = (some: number, service = 'nginx'): ActionRequest[] =>
    hosts.hosts.slice(0, some).map((host) => ({ action: 'restart', hostId: host.id, service }));

  async function planned(one: BenchConsole, requests: readonly ActionRequest[], continues: string | null = null): Promise<BulkPlan> {
    const result = await one.executor.bulk.plan(requests, continues);
    if (!result.ok) throw new Error(result.refusal.message);
    return result.plan;
  }

  async function started(
    one: BenchConsole,
    plan: BulkPlan,
    extras: ConfirmExtras = {},
    onChange: (state: BulkState) => void = () => {},
  ): Promise<BulkRun> {
    one.executor.arm('default');
    const run = await one.executor.bulk.start(plan, plan.confirmation.word, extras, onChange);
    if ('guard' in run) throw new Error(run.message);
    return run;
  }

  const states = (state: BulkState): string[] => state.items.map((item) => item.state);
  const restarted = (service = 'nginx'): number[] => hosts.hosts.map((host) => host.times(service));

  test('the third that fails stops it, it says what was done and what was not, and it resumes once the cause is mended', async () => {
    const state = newState();
    const one = await console(hosts.fleet(sections({ batch: 1 }), 'third'), state);
    hosts.hosts[2]?.set('fail', 'nginx: [emerg] no such file\n');
    const plan = await planned(one, restarts(count));
    expect(plan.confirmation).toMatchObject({ what: 'sentence', word: 'Yes, I am sure of what I am doing.' });
    expect(plan.stages.map((stage) => stage.length)).toEqual(Array.from({ length: count }, () => 1));
    const ended = await (await started(one, plan)).done;
    expect(ended).toMatchObject({ phase: 'stopped', why: 'stopped after 1 of at most 1 failures' });
    expect(states(ended)).toEqual(['ok', 'ok', 'failed', ...Array.from({ length: count - 3 }, () => 'not-done')]);
    expect(ended.items[2]?.text).toContain('nginx: [emerg] no such file');
    expect(restarted()).toEqual([1, 1, 1, ...Array.from({ length: count - 3 }, () => 0)]);
    const end = one.journal.tail(5).findLast((entry) => entry.kind === 'bulk-end');
    expect(end).toMatchObject({ outcome: 'stopped', detail: { notDone: hosts.hosts.slice(3).map((host) => `${host.name}/nginx`) } });

    hosts.hosts[2]?.set('fail', null);
    const [unfinished] = one.executor.bulk.unfinished();
    expect(unfinished).toMatchObject({ id: plan.id, done: ['web1/nginx', 'web2/nginx'] });
    expect(unfinished?.left).toEqual(restarts(count).slice(2));
    const rest = await planned(one, unfinished?.left ?? [], plan.id);
    const finished = await (await started(one, rest, { reason: 'nginx.conf is mended' })).done;
    expect(finished.phase).toBe('done');
    expect(restarted()).toEqual([1, 1, 2, ...Array.from({ length: count - 3 }, () => 1)]);
    expect(one.executor.bulk.unfinished()).toEqual([]);
  }, 120_000);

  test('it pauses before the next batch, goes on, and aborts without beginning another host', async () => {
    const one = await console(hosts.fleet(sections({ batch: 2 }), 'pause'), newState());
    for (const host of hosts.hosts) host.set('seconds', '0.2');
    const run = await started(one, await planned(one, restarts(9)));
    run.pause();
    await until(() => run.state().phase === 'paused');
    const whilePaused = restarted();
    expect(whilePaused.filter((times) => times > 0)).toHaveLength(1);
    await sleep(500);
    expect(restarted()).toEqual(whilePaused);
    run.resume();
    await until(() => restarted().filter((times) => times > 0).length >= 3);
    run.abort();
    const ended = await run.done;
    expect(ended).toMatchObject({ phase: 'aborted', why: 'aborted by a key' });
    expect(restarted()).toEqual([1, 1, 1, ...Array.from({ length: count - 3 }, () => 0)]);
    expect(states(ended)).toEqual(['ok', 'ok', 'ok', ...Array.from({ length: 6 }, () => 'not-done')]);
    expect(one.executor.bulk.unfinished().map((each) => each.left.length)).toEqual([6]);
  }, 60_000);

  test('failures are counted over the whole run, and a host that falls ill after its change counts', async () => {
    const one = await console(hosts.fleet(sections({ batch: 1, stop_after: 2, healthy: 2 }), 'counted'), newState());
    hosts.hosts[1]?.set('fail', 'first\n');
    const run = await started(one, await planned(one, restarts(6)), {}, (state) => {
      // The fourth is fine right after its restart and fails while it is watched.
      if (state.phase === 'watching' && state.items[3]?.state === 'ok')
        hosts.hosts[3]?.set('units/nginx', `${'8'.repeat(32)} failed failed\n`);
    });
    const ended = await run.done;
    expect(ended).toMatchObject({ phase: 'stopped', why: 'stopped after 2 of at most 2 failures' });
    expect(states(ended)).toEqual(['ok', 'failed', 'ok', 'failed', 'not-done', 'not-done']);
    expect(ended.items[3]?.text).toBe('was fine, then: nginx is failed');
    // It was restarted, but what is left to do includes it: its last word is not ok.
    expect(one.executor.bulk.unfinished()[0]?.left.map((request) => request.hostId)).toEqual(
      [1, 3, 4, 5].map((index) => hosts.hosts[index]?.id),
    );
  }, 60_000);

  test('two changes of one host in one batch wait for each other', async () => {
    const one = await console(hosts.fleet(sections({ canary: 4 }), 'same-host'), newState(), ['web1', 'web2', 'web3']);
    const requests = [...restarts(2), ...restarts(2, 'app')];
    const ended = await (await started(one, await planned(one, requests))).done;
    expect([ended.phase, states(ended)]).toEqual(['done', ['ok', 'ok', 'ok', 'ok']]);
  }, 60_000);

  test('the pool floor is judged on fresh evidence: a member that fell ill meanwhile holds the run up until it is well', async () => {
    const pools = {
      web: { kind: 'health-file', file: '/nonexistent', check: 'up', members: { role: 'web' }, floor: { count: 2, ratio: '0%' } },
    };
    const checks = { up: { on: 'web', command: 'true', every: '1h' } };
    const fleet = hosts.fleet(sections({ batch: 1 }, { pools, checks }), 'floor');
    const one = await console(fleet, newState(), ['web1', 'web2', 'web3']);
    const plan = await planned(one, restarts(2));
    const third = hosts.hosts[2];
    third?.set('units/nginx', `${'9'.repeat(32)} failed failed\n`);
    const run = await started(one, plan);
    await until(() => run.state().phase === 'watching');
    expect(run.state().why).toBe('pool web would keep 1 healthy of 3, and its floor is 2');
    expect(restarted()).toEqual(Array.from({ length: count }, () => 0));
    third?.set('units/nginx', null);
    expect((await run.done).phase).toBe('done');
    expect(restarted().slice(0, 3)).toEqual([1, 1, 0]);
  }, 60_000);

  test('aborted while the floor holds it up, it begins nothing', async () => {
    const pools = {
      web: { kind: 'health-file', file: '/nonexistent', check: 'up', members: { role: 'web' }, floor: { count: 3, ratio: '0%' } },
    };
    const checks = { up: { on: 'web', command: 'true', every: '1h' } };
    const one = await console(hosts.fleet(sections({}, { pools, checks }), 'held-up'), newState(), ['web1', 'web2', 'web3']);
    const plan = await planned(one, restarts(2));
    expect(plan.reasonNeeded).toContain('its floor is 3');
    const run = await started(one, plan, { reason: 'a new version' });
    await until(() => run.state().phase === 'watching');
    run.abort();
    expect(await run.done).toMatchObject({ phase: 'aborted', why: 'aborted by a key' });
    expect(restarted().slice(0, 3)).toEqual([0, 0, 0]);
  }, 60_000);

  test('a run whose console is killed is found, its interrupted host resolved, and the rest done without doing any twice', async () => {
    const state = newState();
    const fleet = hosts.fleet(sections({ batch: 2 }), 'killed');
    for (const host of hosts.hosts) host.set('seconds', '0.4');
    const names = hosts.hosts.slice(0, 8).map((host) => host.name);
    const child = new ConsoleChild(program, { fleet, state, hosts: names });
    expect(await child.line('ready'), child.errors).toBe('ready');
    child.bulk(restarts(8));
    await until(() => restarted().filter((times) => times > 0).length >= 4);
    await child.kill();

    const one = await console(fleet, state, names);
    const pending = one.executor.recovery.pending();
    expect(pending.length).toBeGreaterThan(0);
    for (const item of pending) expect((await one.executor.recovery.resolve(item, () => {})).kind).toBe('closed');
    const [unfinished] = one.executor.bulk.unfinished();
    expect(unfinished?.left.length).toBeGreaterThan(0);
    const rest = await planned(one, unfinished?.left ?? [], unfinished?.id ?? null);
    expect((await (await started(one, rest, { reason: 'the console had ended' })).done).phase).toBe('done');
    expect(restarted().slice(0, 8)).toEqual([1, 1, 1, 1, 1, 1, 1, 1]);
    expect(one.executor.bulk.unfinished()).toEqual([]);
  }, 90_000);
});

async function until(holds: () => boolean): Promise<void> {
  for (let tries = 0; tries < 400 && !holds(); tries += 1) await sleep(50);
  expect(holds()).toBe(true);
}
