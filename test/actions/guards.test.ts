import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { plainCard } from '../../src/actions/approval-request.ts';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ActionOutcome } from '../../src/actions/plan.ts';
import type { ActionRequest } from '../../src/actions/request.ts';
import { type BenchConsole, openConsole } from './console.ts';
import { type BenchHost, type Hosts, hostsMissing, startHosts } from './hosts.ts';

describe.skipIf(hostsMissing())('what keeps a change from happening', () => {
  let hosts: Hosts;
  let host: BenchHost;
  let fleet: string;
  const open: BenchConsole[] = [];

  beforeAll(async () => {
    hosts = await startHosts(64, 1);
    host = hosts.only;
    fleet = hosts.fleet({
      services: {
        nginx: { on: 'web', manager: 'systemd', hold: '0s', precheck: 'gate' },
        db: { on: 'web', manager: 'systemd', stateful: true },
      },
      actions: {
        change: { on: 'web', run: 'change {{ tag }}', inputs: { tag: { type: 'text' } }, risk: 'change', undo: 'none' },
        forbidden: { on: 'web', run: 'fab {{ what }}', inputs: { what: { type: 'text' } }, risk: 'change' },
        typed: {
          on: 'web',
          run: 'change {{ count }}-{{ kind }}',
          inputs: { count: { type: 'int' }, kind: { type: 'choice', choices: ['a', 'b'] } },
          risk: 'change',
        },
      },
      drains: { jobs: { on: 'web', stop_accepting: 'change stop', active: 'cat "$PLACE/jobs"' } },
      never: ['fab rollback'],
    });
  });
  afterAll(async () => hosts?.stop());
  beforeEach(() => {
    for (const knob of ['seconds', 'fail', 'quiet', 'shut', 'log', 'jobs', 'late', 'units/db']) host.set(knob, null);
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((one) => one.close()));
    // Nothing that was refused, cancelled or broken leaves anything.
    expect([host.steps(), host.locks()]).toEqual([[], []]);
  });

  async function console(options: { who?: string; readOnly?: boolean } = {}): Promise<BenchConsole> {
    const opened = await openConsole({ fleet, state: mkdtempSync(join(hosts.directory, 'state-')), ...options });
    open.push(opened);
    return opened;
  }

  const change = (tag: string): ActionRequest => ({ action: 'custom', hostId: host.id, name: 'change', inputs: { tag } });
  const restart = (): ActionRequest => ({ action: 'restart', hostId: host.id, service: 'nginx' });

  function refusedBy(outcome: ActionOutcome): string {
    return outcome.kind === 'refused' ? outcome.refusal.guard : outcome.kind;
  }

  function messageOf(outcome: ActionOutcome): string {
    return outcome.kind === 'refused' ? outcome.refusal.message : outcome.summary;
  }

  test('an environment that is not armed, a wrong word and a used plan are refused, and nothing is done', async () => {
    const { executor } = await console();
    const planned = await executor.plan(change('unarmed'));
    if (!planned.ok) throw new Error(planned.refusal.message);
    expect(refusedBy(await executor.execute(planned.plan, 'web1', () => {}))).toBe('not-armed');
    expect(executor.arm('default')).toBeNull();
    expect(refusedBy(await executor.execute(planned.plan, 'y', () => {}))).toBe('confirmation');
    expect(host.happened()).toEqual([]);
    expect((await executor.execute(planned.plan, 'web1', () => {})).kind).toBe('ok');
    expect(refusedBy(await executor.execute(planned.plan, 'web1', () => {}))).toBe('expired');
    expect(host.times('unarmed')).toBe(1);
  });

  test('what the card said is read again under the lock: a service restarted by somebody else makes the plan void', async () => {
    const { executor } = await console();
    const planned = await executor.plan(restart());
    if (!planned.ok) throw new Error(planned.refusal.message);
    host.set('units/nginx', `${'7'.repeat(32)} active running\n`);
    executor.arm('default');
    const outcome = await executor.execute(planned.plan, 'web1', () => {});
    expect(refusedBy(outcome)).toBe('expired');
    expect(messageOf(outcome)).toContain('web1/nginx has changed since this plan was made');
    expect(host.happened()).toEqual([]);
  });

  test('a plan whose commands were altered after it was shown is void', async () => {
    const { executor } = await console();
    const planned = await executor.plan(change('shown'));
    if (!planned.ok) throw new Error(planned.refusal.message);
    const { plan } = planned;
    const altered = { ...plan, commands: plan.commands.map((command) => ({ ...command, command: 'change other', bare: 'change other' })) };
    executor.arm('default');
    expect(refusedBy(await executor.execute(altered, 'web1', () => {}))).toBe('expired');
    expect(host.happened()).toEqual([]);
  });

  test('the never list holds through quotes, blanks and backslashes', async () => {
    const { executor } = await console();
    for (const what of ['rollback', "'roll'back", 'roll\\back']) {
      const planned = await executor.plan({ action: 'custom', hostId: host.id, name: 'forbidden', inputs: { what } });
      expect(planned.ok ? 'planned' : planned.refusal.guard, what).toBe('never');
    }
  });

  test('inputs of the wrong type, unknown ones and options in disguise are refused', async () => {
    const { executor } = await console();
    const typed = async (inputs: Record<string, string>): Promise<string> => {
      const planned = await executor.plan({ action: 'custom', hostId: host.id, name: 'typed', inputs });
      return planned.ok ? 'planned' : planned.refusal.message;
    };
    expect(await typed({ count: '3', kind: 'a' })).toBe('planned');
    expect(await typed({ count: 'three', kind: 'a' })).toContain('count must be a whole number');
    expect(await typed({ count: '3', kind: 'c' })).toContain('kind must be one of a, b');
    expect(await typed({ count: '3' })).toContain('typed needs kind');
    expect(await typed({ count: '3', kind: 'a', more: '1' })).toContain('no input "more"');
    const tag = async (text: string): Promise<string> => {
      const planned = await executor.plan(change(text));
      return planned.ok ? 'planned' : planned.refusal.message;
    };
    expect(await tag('-rf')).toContain('may not begin with a dash');
    expect(await tag('[redacted]')).toContain('was masked when it was written down');
  });

  test('a restart that was cut off has not failed while its manager goes on with it', async () => {
    const { change: act } = await console();
    host.set('late', 'deactivating stop-sigterm');
    expect(await act(restart())).toMatchObject({
      kind: 'unknown',
      summary: 'the command ended with exit 124, but nginx is stopping now (deactivating/stop-sigterm): its manager goes on with it',
    });
    host.set('late', 'failed failed');
    expect(await act(restart(), { reason: 'again' })).toMatchObject({
      kind: 'failed',
      summary: 'the command ended with exit 124',
    });
    host.set('units/nginx', null);
  });

  test('a stateful service is not restarted, an unknown one is named', async () => {
    const { executor } = await console();
    for (const [service, guard] of [
      ['db', 'stateful'],
      ['ngin', 'unknown-target'],
    ] as const) {
      const planned = await executor.plan({ action: 'restart', hostId: host.id, service });
      expect(planned.ok ? 'planned' : planned.refusal.guard).toBe(guard);
    }
  });

  test('a host with a stateful service goes down only where nothing is left on it, by a count of now or because it does not run', async () => {
    const { executor } = await console();
    const asked: readonly ActionRequest[] = [
      { action: 'reboot', hostId: host.id },
      { action: 'restart', hostId: host.id, service: 'db' },
    ];
    for (const request of asked) {
      const planned = async (): Promise<string> => {
        const result = await executor.plan(request);
        return result.ok ? result.plan.warnings.filter((words) => words.includes('db counts')).join() : result.refusal.message;
      };
      host.set('jobs', null);
      expect(await planned()).toMatch(
        /web1 runs db, which is stateful, and cat "\$PLACE\/jobs" printed no number: drain it first \(drain jobs\)$/,
      );
      host.set('jobs', '2\n');
      expect(await planned()).toMatch(/web1 runs db, which is stateful, and 2 still there: drain it first \(drain jobs\)$/);
      host.set('jobs', '0\n');
      expect(await planned()).toBe('db counts nothing now (jobs); only a drain keeps new work from coming until web1 goes');
      host.set('jobs', '2\n');
      host.set('units/db', `${'0'.repeat(31)}1 inactive dead\n`);
      expect(await planned()).toBe('');
      host.set('units/db', null);
    }
  }, 30_000);

  test('work that came since the plan keeps a host with a stateful service up', async () => {
    const one = await console();
    host.set('jobs', '0\n');
    const plan = await one.plan({ action: 'reboot', hostId: host.id });
    host.set('jobs', '1\n');
    one.executor.arm('default');
    const outcome = await one.executor.execute(plan, plan.confirmation.word, () => {}, { reason: 'a kernel' });
    expect([refusedBy(outcome), messageOf(outcome)]).toEqual(['stateful', expect.stringContaining('1 still there')]);
  });

  test('the same again within ten minutes needs a reason, which the journal keeps', async () => {
    const one = await console();
    expect((await one.change(change('cool-1'))).kind).toBe('ok');
    const again = await one.change(change('cool-2'));
    expect(refusedBy(again)).toBe('reason');
    expect(messageOf(again)).toMatch(/web1\/change was changed .* ago by ann@deck \(ok\): say why again/);
    expect((await one.change(change('cool-3'), { reason: 'it came back' })).kind).toBe('ok');
    expect(
      host
        .happened()
        .filter(({ what }) => what === 'begin')
        .map(({ tag }) => tag),
    ).toEqual(['cool-1', 'cool-3']);
    const intent = one.journal.tail(10).findLast((entry) => entry.kind === 'intent');
    expect(intent?.detail['reason']).toBe('it came back');
  });

  test('a change under way is seen by another console: who, why, and it waits for no one', async () => {
    host.set('seconds', '1.5');
    const [ann, bob] = await Promise.all([console({ who: 'ann@left' }), console({ who: 'bob@right' })]);
    const running = ann.change(change('held'), { reason: 'pencils down' });
    await until(() => host.times('held') === 1);
    const plan = await bob.plan(change('other'));
    expect(plan.others.join()).toMatch(/ann@left \[\d+\] is changing it: pencils down/);
    const refused = await bob.change(change('other'));
    expect([refusedBy(refused), messageOf(refused)]).toEqual([
      'lock',
      expect.stringMatching(/^ann@left \[\d+\] is changing web1 \(pencils down\) for \S+, last sign/),
    ]);
    expect((await running).kind).toBe('ok');
    expect(host.times('other')).toBe(0);
  });

  test('a lock is broken only with a reason; whoever lost it in mid-change sends nothing more', async () => {
    host.set('shut', '');
    const [ann, bob] = await Promise.all([console({ who: 'ann@left' }), console({ who: 'bob@right' })]);
    const phases: string[] = [];
    const anns = ann.change(restart(), {}, ({ phase }) => phases.push(phase));
    await until(() => phases.includes('precheck'));
    expect(refusedBy(await bob.change(change('breaker'), { breakLock: true }))).toBe('reason');
    expect((await bob.change(change('breaker'), { breakLock: true, reason: 'ann is asleep' })).kind).toBe('ok');
    host.set('shut', null);
    const outcome = await anns;
    expect([outcome.kind, messageOf(outcome)]).toEqual(['failed', expect.stringContaining('the lock on web1 was taken away')]);
    expect(outcome.kind === 'failed' && outcome.evidence).toEqual(['nothing was sent']);
    expect(host.happened().map(({ tag }) => tag)).toEqual(['breaker', 'breaker']);
    const broken = bob.journal.tail(10).findLast((entry) => entry.kind === 'intent');
    expect(broken?.detail).toMatchObject({ reason: 'ann is asleep', brokeLockOf: expect.stringContaining('ann@left') });
  });

  test('a running change is cancelled on the host with all it started', async () => {
    host.set('seconds', '60');
    const one = await console();
    const planned = await one.executor.plan(change('long'));
    if (!planned.ok) throw new Error(planned.refusal.message);
    one.executor.arm('default');
    const running = one.executor.execute(planned.plan, 'web1', () => {});
    await until(() => host.times('long') === 1);
    expect(await one.executor.cancel(planned.plan)).toBe(true);
    const outcome = await running;
    expect([outcome.kind, messageOf(outcome)]).toEqual(['failed', expect.stringMatching(/^cancelled: the command ended with exit 143/)]);
    expect(host.times('long', 'end')).toBe(0);
    expect(await one.executor.cancel(planned.plan)).toBe(false);
    expect(one.journal.ofAction(planned.plan.id).map((entry) => [entry.kind, entry.outcome])).toEqual([
      ['intent', null],
      ['note', 'cancelled'],
      ['outcome', 'failed'],
    ]);
  });

  test('read-only refuses every way to change anything, and writes nothing on the host', async () => {
    const before = host.everything();
    const one = await console({ readOnly: true });
    const { executor } = one;
    const requests: ActionRequest[] = [
      restart(),
      change('read-only'),
      { action: 'start', hostId: host.id, service: 'nginx' },
      { action: 'drain', hostId: host.id, name: 'jobs', mode: 'stop' },
      { action: 'reboot', hostId: host.id },
    ];
    for (const request of requests) {
      const planned = await executor.plan(request);
      if (!planned.ok) continue;
      expect(
        refusedBy(await executor.execute(planned.plan, planned.plan.confirmation.word, () => {}, { reason: 'x', breakLock: true })),
      ).toBe('read-only');
    }
    expect(executor.arm('default')?.guard).toBe('read-only');
    expect(executor.armed('default')).toEqual({ state: 'read-only' });
    const bulk = await executor.bulk.plan([restart()]);
    if (!bulk.ok) throw new Error(bulk.refusal.message);
    const started = await executor.bulk.start(bulk.plan, bulk.plan.confirmation.word, { reason: 'x' }, () => {});
    expect('guard' in started && started.guard).toBe('read-only');
    const asked = {
      ...plainCard,
      hash: 'a'.repeat(64),
      who: 'bob@right',
      title: 'x',
      commands: [],
      hostId: host.id,
      hostName: 'web1',
      ageS: 1,
    };
    const request = { ...asked, token: null, env: null, uid: 0, waitedS: 0, leftS: 600, content: null, signed: [], declined: null };
    expect((await executor.approvals.give(request))?.guard).toBe('read-only');
    const plan = await one.plan(change('never-began'));
    const item = { plan, at: new Date().toISOString(), who: 'ann@deck', lockTokens: {}, run: null };
    expect(await executor.recovery.resolve(item, () => {})).toMatchObject({ kind: 'away' });
    expect(await executor.recovery.answer(item, 'ok', 'because')).toMatchObject({ kind: 'away' });
    expect(host.happened()).toEqual([]);
    expect(host.everything()).toEqual(before);
  });

  test('a bulk of nothing and one with a target twice are errors', async () => {
    const { executor } = await console();
    const none = await executor.bulk.plan([]);
    expect(none.ok ? 'planned' : none.refusal.guard).toBe('empty');
    const twice = await executor.bulk.plan([restart(), restart()]);
    expect(twice.ok ? 'planned' : twice.refusal.message).toContain('is named twice');
  });
});

async function until(holds: () => boolean): Promise<void> {
  for (let tries = 0; tries < 200 && !holds(); tries += 1) await sleep(50);
  expect(holds()).toBe(true);
}
