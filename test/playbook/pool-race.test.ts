import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { noLibrary, type PlaybookFile } from '../../src/playbook/library.ts';
import { handsOf } from './hands-of.ts';
import type { Person, Question } from '../../src/playbook/run/question.ts';
import type { Run } from '../../src/playbook/run/run.ts';
import type { RunView } from '../../src/playbook/run/run-view.ts';
import { Runs } from '../../src/playbook/runs.ts';
import type { BenchConsole } from '../actions/console.ts';
import { type PoolBench, poolBenchMissing, startPoolBench } from '../actions/pools/pool-bench.ts';
import { PoolConsoles } from '../actions/pools/pool-consoles.ts';
import { head, playbookOf } from './recorded-world.ts';

const outOf = (name: string): string => `${head}limits: { keep_in_pool: 2 }
steps:
  - { id: out, do: pool.depool, with: { pool: web, node: ${name} }, temporary: true, on_fail: stop }
  - { id: back, do: pool.repool, with: { pool: web, node: ${name} }, settles: out }
`;

describe.skipIf(poolBenchMissing())('several runs and a real HAProxy with three members', () => {
  let bench: PoolBench;
  let consoles: PoolConsoles;
  beforeAll(async () => {
    bench = await startPoolBench(79, 3);
    // The fleet's own floor is lower than what the playbook keeps.
    consoles = new PoolConsoles(bench, bench.fleet('low', { pool: { floor: { count: 1, ratio: '10%' } } }));
  }, 60_000);
  afterAll(() => bench?.stop());
  beforeEach(() => consoles.reset());
  afterEach(() => consoles.close());

  function start(one: BenchConsole, text: string, person: Person): Run {
    const file: PlaybookFile = { playbook: playbookOf(text), text, file: 'x.yaml' };
    one.executor.arm('default');
    const hands = handsOf(one);
    return new Runs(one.journal).start({ file, library: noLibrary, inputs: {}, reason: 'a test', env: 'default', hands, person });
  }

  /** Sends each change once its gate is open; nothing else is asked of them. */
  const goes = (who: string, gates: readonly Promise<unknown>[], asked: (question: Question) => void = () => {}): Person => {
    let turn = 0;
    return {
      who,
      attended: true,
      ask: async (question) => {
        asked(question);
        await gates[turn];
        turn += 1;
        return question.kind === 'go' ? { kind: 'go' } : { kind: 'stop' };
      },
    };
  };
  const endOf = ({ phase }: RunView): string => (phase.phase === 'closed' ? `${phase.result}: ${phase.message}` : phase.phase);
  const inPool = async (): Promise<number> =>
    (await bench.admin('show servers state web')).split('\n').filter((row) => /^\d+ web \d+ web\d \S+ \d+ 0 /.test(row)).length;

  test('what a run keeps in a pool is counted again under the pool’s lock: of two that were shown enough, the later one is refused', async () => {
    const [ann, bob] = await Promise.all([consoles.open(), consoles.open({ who: 'bob@right' })]);
    const shown = Promise.withResolvers<void>();
    const annIsOut = Promise.withResolvers<void>();
    const bobIsOver = Promise.withResolvers<void>();
    const second = start(
      bob,
      outOf('web2'),
      goes('bob@right', [annIsOut.promise], () => shown.resolve()),
    );
    await shown.promise;
    const first = start(ann, outOf('web1'), goes('ann@left', [Promise.resolve(), bobIsOver.promise]));
    const stop = first.subscribe(() => {
      if (first.view().steps[0]?.state === 'ok') annIsOut.resolve();
    });
    expect(endOf(await second.done)).toMatch(/^failed: out: pool web would keep 1 healthy, and this playbook keeps 2 in$/);
    expect([await inPool(), bob.executor.debts.list()]).toEqual([2, []]);
    bobIsOver.resolve();
    expect([endOf(await first.done), await inPool()]).toEqual(['ok: every step is done', 3]);
    stop();
  }, 60_000);

  test('a loop begins with its canary, counts failed and unreachable hosts over the whole run, and begins no batch after too many', async () => {
    const rolls = (stopAfter: number): string => `${head}steps:
  - id: roll
    each: { var: w, in: "['web1', 'web2', 'web3', 'lb1']", batch: [1, "25%"], stop_after: ${stopAfter}, confirm: each-batch }
    steps:
      - { id: change, run: "change ${stopAfter}-{{ w }}", host: "{{ w }}", timeout: 10s, undo: none, why: w }
      - { id: look, check: "test {{ w }} != web1", host: "{{ w }}" }
`;
    const [, web2] = bench.webs;
    await web2?.host.sshd.stop();
    const one = await consoles.open();
    const batches: string[] = [];
    const nobody: Person = {
      who: 'ann@left',
      attended: false,
      ask: () => Promise.reject(new Error('nobody is there')),
      prepared: (question) => {
        if (question.kind === 'batch') batches.push(question.text);
        return question.kind === 'go' || question.kind === 'batch' ? { kind: 'go' } : null;
      },
    };
    const changed = (stopAfter: number): readonly string[] =>
      [...bench.webs.map(({ host }) => host), bench.lb].flatMap((host) =>
        host.happened().flatMap(({ what, tag }) => (what === 'begin' && tag.startsWith(`${stopAfter}-`) ? [tag.slice(2)] : [])),
      );
    const stopped = await start(one, rolls(2), nobody).done;
    expect(endOf(stopped)).toMatch(/^failed: roll: 2 of 4 failed: web1 \(.*\), web2 \(unreachable: .*\); not begun: web3, lb1$/);
    expect([changed(2), batches]).toEqual([['web1'], ['Go on with web2?']]);
    const whole = await start(one, rolls(3), nobody).done;
    expect(endOf(whole)).toMatch(/^failed: roll: 2 of 4 failed: web1 \(.*\), web2 \(unreachable: .*\)$/);
    expect(changed(3)).toEqual(['web1', 'web3', 'lb1']);
  }, 60_000);
});
