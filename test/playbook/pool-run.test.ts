import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { noLibrary, type PlaybookFile } from '../../src/playbook/library.ts';
import { handsOf } from './hands-of.ts';
import { readRunEvent } from '../../src/playbook/run/events.ts';
import type { RunView } from '../../src/playbook/run/run-view.ts';
import { Runs } from '../../src/playbook/runs.ts';
import type { BenchConsole } from '../actions/console.ts';
import { type PoolBench, poolBenchMissing, startPoolBench } from '../actions/pools/pool-bench.ts';
import { depoolOf, PoolConsoles, repoolOf, said } from '../actions/pools/pool-consoles.ts';
import { head, playbookOf, ScriptedPerson } from './recorded-world.ts';

const outAndBack = `${head}steps:
  - { id: out, do: pool.depool, with: { pool: web, node: web1 }, temporary: true }
  - { id: back, do: pool.repool, with: { pool: web, node: web1 }, settles: out }
`;

describe.skipIf(poolBenchMissing())('a run and a real HAProxy', () => {
  let bench: PoolBench;
  let consoles: PoolConsoles;
  beforeAll(async () => {
    bench = await startPoolBench(77, 2);
    consoles = new PoolConsoles(bench, bench.fleet('usual'));
  }, 60_000);
  afterAll(() => bench?.stop());
  beforeEach(() => consoles.reset());
  afterEach(() => consoles.close());

  /** Nobody is there; what is not dangerous was confirmed. */
  function walk(one: BenchConsole, text: string): Promise<RunView> {
    const file: PlaybookFile = { playbook: playbookOf(text), text, file: 'x.yaml' };
    one.executor.arm('default');
    const hands = handsOf(one);
    const person = new ScriptedPerson({}, false, (question) =>
      question.kind === 'go' && question.risk !== 'danger' ? { kind: 'go' } : null,
    );
    return new Runs(one.journal).start({ file, library: noLibrary, inputs: {}, reason: 'a test', env: 'default', hands, person }).done;
  }

  const stepsOf = (view: RunView): readonly string[] => view.steps.map(({ address, state }) => `${address} ${state}`);
  const messageOf = ({ phase }: RunView): string => (phase.phase === 'closed' ? `${phase.result}: ${phase.message}` : phase.phase);
  const isReady = async (): Promise<boolean> => /^\d+ web \d+ web1 \S+ \d+ 0 /m.test(await bench.admin('show servers state web'));

  test('takes a member out and puts it back', async () => {
    const one = await consoles.open();
    const view = await walk(one, outAndBack);
    expect([messageOf(view), ...stepsOf(view)]).toEqual(['ok: every step is done', 'out ok', 'back ok']);
    expect([one.executor.debts.list(), await isReady()]).toEqual([[], true]);
  }, 60_000);

  test('a drain that ran out of time has closed the member all the same: it is taken back, or waited for again by a second try', async () => {
    const one = await consoles.open({ fleet: bench.fleet('short', { pool: { drain: { ports: [8088], atMost: 0, timeout: '2s' } } }) });
    const out = 'id: out, do: pool.depool, with: { pool: web, node: web1 }, temporary: true';
    let answeredAt = Number.POSITIVE_INFINITY;
    const underWay = async (walked: () => Promise<RunView>): Promise<RunView> => {
      for (const web of bench.webs) web.slowMs = 5000;
      const slow = [bench.ask(), bench.ask()];
      const answered = Promise.all(slow).then(() => (answeredAt = Date.now()));
      await sleep(300);
      for (const web of bench.webs) web.slowMs = 0;
      const view = await walked();
      await answered;
      return view;
    };
    const undone = await underWay(() => walk(one, `${head}steps: [{ ${out}, on_fail: undo }]\n`));
    expect([messageOf(undone).split(':')[0], undone.debts, one.executor.debts.list(), await isReady()]).toEqual(['undone', [], [], true]);
    const again = await underWay(() =>
      walk(
        one,
        `${head}steps:\n  - { ${out}, rerun: safe, retry: { times: 4, wait: 1s } }\n${outAndBack.split('\n').slice(-2).join('\n')}`,
      ),
    );
    expect(messageOf(again)).toBe('ok: every step is done');
    // What is under way is waited for: the step is not over before it.
    const ends = one.journal.ofAction(again.id).flatMap((entry) => readRunEvent(entry) ?? []);
    const out2 = ends.findLast(({ event }) => event.event === 'outcome' && event.key === 'out');
    expect(out2?.at).toBeGreaterThan(answeredAt - 500);
    expect([again.debts, one.executor.debts.list(), await isReady()]).toEqual([[], [], true]);
  }, 60_000);

  test('what another console took out is out already: it owes nothing for it, and puts it back by a person’s word alone', async () => {
    const [ann, bob] = await Promise.all([consoles.open(), consoles.open({ who: 'bob@right' })]);
    expect(said(await bob.change(depoolOf('web1'), { reason: 'new kernel' }))).toMatch(/^ok/);
    const view = await walk(ann, outAndBack);
    expect(stepsOf(view)[0]).toBe('out already');
    expect(messageOf(view)).toMatch(/^failed: nobody is there to answer: Put web1 back into pool web \(.*on another console: ask before/);
    expect([view.debts, ann.executor.debts.list(), await isReady()]).toEqual([[], [], false]);
    expect(said(await bob.change(repoolOf('web1')))).toMatch(/^ok/);
  }, 60_000);

  test('what was disabled past every console stays so, also while it drains', async () => {
    const one = await consoles.open();
    for (const state of ['maint', 'drain']) {
      await bench.admin(`set server web/web1 state ${state}`);
      const view = await walk(one, outAndBack);
      expect(stepsOf(view)).toEqual(['out already', 'back failed']);
      expect(messageOf(view)).toMatch(/no console took it out: whoever did puts it back/);
      expect([view.debts, await isReady()]).toEqual([[], false]);
    }
  }, 60_000);

  test('takes nobody out of a pool that would keep too few, or that cannot be asked', async () => {
    const one = await consoles.open();
    const kept = (limit: string, pool = 'web') =>
      walk(one, outAndBack.replaceAll('pool: web,', `pool: ${pool},`).replace('steps:', `limits: { keep_in_pool: ${limit} }\nsteps:`));
    for (const limit of ['2', '"100%"', 'many']) {
      const view = await kept(limit);
      expect([limit, stepsOf(view)[0]]).toEqual([limit, 'out failed']);
      expect(messageOf(view)).toMatch(/would keep 1 healthy, and this playbook keeps 2 in|neither a number nor a share/);
    }
    expect(messageOf(await kept('0', 'none'))).toMatch(/cannot be asked how many it would keep/);
    expect([one.executor.debts.list(), await isReady()]).toEqual([[], true]);
    expect(messageOf(await kept('"50%"'))).toBe('ok: every step is done');
  }, 60_000);

  test('what timeout(1) cut off in a look is the look’s own end, told at once', async () => {
    const one = await consoles.open();
    const view = await walk(one, `${head}steps: [{ id: slow, check: "timeout 1 sleep 20", host: web1, on_fail: continue }]\n`);
    expect(view.steps[0]).toMatchObject({ state: 'failed', note: 'exit 124' });
  }, 60_000);
});
