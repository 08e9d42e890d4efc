import { expect, test } from 'vitest';
import { fileURLToPath } from 'node:url';
import { loadFleet } from '../../src/config/load-fleet.ts';
import { actionTimes } from '../../src/playbook/dry/action-times.ts';
import { planPlaybook, type PlannedStep, type PlannedWay } from '../../src/playbook/dry/plan.ts';
import { playbookPlanText } from '../../src/commands/playbook-plan-text.ts';
import type { Playbook } from '../../src/playbook/playbook.ts';
import { head, playbookOf } from './recorded-world.ts';

const page = (steps: string, more = ''): Playbook => playbookOf(`${head}${more}steps:\n${steps}`);
const planned = (steps: string, more = '', inputs: Record<string, unknown> = {}, others: readonly Playbook[] = []) =>
  planPlaybook(page(steps, more), new Map(others.map((other) => [other.id, other])), inputs);
const minutes = (plan: { readonly longest: { readonly ms: number } }): number => plan.longest.ms / 60_000;

test('a place is filled in and quoted where its value is given, and stays where it is not', () => {
  const inputs = 'inputs: { node: { type: host }, name: { type: text }, lines: { type: int, default: 40 } }\n';
  const steps = `  - { id: a, check: "tail -n {{ lines }} {{ name }}", host: "{{ node }}" }
  - { id: b, run: [touch, "{{ name }}", "{{ node }}.lock"], host: "{{ node }}", timeout: 5s, undo: { run: "rm {{ name }}" } }\n`;
  const { steps: given } = planned(steps, inputs, { name: "it's mine" });
  expect(given.map(({ title, host, undo }) => [title, host, undo])).toEqual([
    [String.raw`tail -n 40 'it'\''s mine'`, '{{ node }}', null],
    [String.raw`touch 'it'\''s mine' {{ node }}.lock`, '{{ node }}', String.raw`rm 'it'\''s mine'`],
  ]);
});

test('a secret stays a place', () => {
  const plan = planned(
    '  - { run: "login {{ pin }}", host: a, timeout: 5s, undo: none, why: w }\n',
    'inputs: { pin: { type: secret } }\n',
    { pin: '4711' },
  );
  expect(JSON.stringify(plan)).not.toContain('4711');
  expect(plan.steps[0]?.title).toBe('login {{ pin }}');
});

test('a name that only the run finds stays a place behind the step that finds it', () => {
  const plan = planned('  - { check: see, host: a, save: seen }\n  - { tell: "{{ seen.out }}" }\n');
  expect(plan.steps[1]?.title).toBe('{{ seen.out }}');
});

test('the longest way is counted: the longer arm, every retry with its pauses, every item, and what follows a failure', () => {
  expect(minutes(planned('  - { sleep: 1m }\n  - { sleep: 2m }\n'))).toBe(3);
  const arms = `  - branch: [{ when: "true", steps: [{ sleep: 5m }] }, { else: true, steps: [{ sleep: 1m }] }]\n  - { sleep: 1m }\n`;
  expect(minutes(planned(arms))).toBe(6);
  const stops = '  - branch: [{ when: "true", steps: [{ sleep: 5m }, { stop: s }] }]\n  - { sleep: 2m }\n';
  expect(minutes(planned(stops))).toBe(5);
  const retried = '  - { run: go, host: a, timeout: 1m, undo: none, why: w, rerun: safe, retry: { times: 2, wait: 1m, backoff: 2 } }\n';
  expect(minutes(planned(retried))).toBe(6);
  const loop = '  - { each: { var: h, in: nodes, pause: 1m }, steps: [{ sleep: 2m }] }\n';
  const nodes = 'inputs: { nodes: { type: hosts } }\n';
  expect(minutes(planned(loop, nodes, { nodes: ['a', 'b', 'c'] }))).toBe(8);
  expect(planned(loop, nodes).longest).toEqual({ ms: 120_000, without: ['the number of nodes', 'what people take'] });
  const handled = '  - { wait: see, host: a, timeout: 3m, on_fail: [{ sleep: 10m }] }\n';
  expect(minutes(planned(handled))).toBe(13);
  expect(minutes(planned('  - { stop: s }\n', ''))).toBe(0);
});

test('a played playbook is planned with names of its own, its good end goes on, and one that plays itself is not followed', () => {
  const other = playbookOf(
    `${head.replace('playbook: x', 'playbook: y')}inputs: { node: { type: host } }\nsteps:\n  - { id: look, check: see, host: "{{ node }}", timeout: 1m }\n  - { stop: done, result: ok }\n`,
  );
  const plan = planned('  - { id: p, play: y, with: { node: web2 } }\n  - { sleep: 1m }\n', '', {}, [other]);
  expect([insideOf(plan.steps[0]).map(({ key, host }) => [key, host])[0], minutes(plan)]).toEqual([['p>look', 'web2'], 2]);
  const itself = page('  - { play: x }\n');
  const ways = waysOf(insideOf(planPlaybook(itself, new Map([['x', itself]]), {}).steps[0])[0]);
  expect(ways.map(({ next }) => next)).toEqual(['failed']);
});

const waysOf = (step: PlannedStep | undefined): readonly PlannedWay[] => step?.ways ?? [];
const insideOf = (step: PlannedStep | undefined): readonly PlannedStep[] => waysOf(step).flatMap(({ steps }) => steps);

test('what is temporary is named with what ends it, and every way out of a step is shown', () => {
  const plan = planned(
    `  - { id: out, do: pool.depool, with: { pool: web, node: a }, undo: auto, temporary: true }
  - { id: look, check: see, host: a, on_fail: { stop: "no", result: escalated }, on_unreachable: [{ tell: away }] }
  - { id: back, do: pool.repool, with: { pool: web, node: a }, settles: out, undo: none, why: w }\n`,
  );
  expect(plan.debts).toEqual([{ key: 'out', what: 'pool.depool pool=web node=a', settledBy: ['back'], leave: null }]);
  expect(waysOf(plan.steps[1]).map(({ kind, label, next, steps }) => [kind, label, next, steps.length])).toEqual([
    ['on_fail', 'no', 'escalated', 0],
    ['on_unreachable', '', 'goes on', 1],
  ]);
});

test('the text fits 80 columns, but for commands, which stand whole', () => {
  const long = 'word '.repeat(60).trim();
  const command = `echo ${'x'.repeat(120)}`;
  const text = playbookPlanText(
    planned(
      `  - { id: q, choose: "${long}", options: { a: { label: "${long}", steps: [{ manual: "${long}" }, { run: "${command}", host: a, timeout: 5s, undo: none, why: "${long}" }] } } }\n`,
    ),
  );
  const lines = text.split('\n');
  expect(lines.filter((line) => line.length > 80).map((line) => line.trim())).toEqual([`$ ${command}`]);
  expect(lines.length).toBeGreaterThan(15);
});

test('an action of the catalogue takes as long as the fleet file gives it, where it is known which pool, service or drain is meant', async () => {
  const loaded = await loadFleet(fileURLToPath(new URL('../../config/demo.yaml', import.meta.url)));
  if (!loaded.ok) throw new Error('the demo file is not good');
  const minutesOf = (given: string): readonly [number, readonly string[]] => {
    const steps = page(`  - { id: a, do: ${given}, undo: none, why: w }\n`, 'inputs: { node: { type: host }, pool: { type: text } }\n');
    const { longest } = planPlaybook(steps, new Map(), {}, actionTimes(loaded.fleet));
    return [longest.ms / 60_000, longest.without];
  };
  const least: Readonly<Record<string, number>> = {
    // The drain's own time on top of the balancer's.
    'pool.depool, with: { pool: web, node: "{{ node }}" }': 2 + 1,
    'pool.repool, with: { pool: web, node: "{{ node }}" }': 1,
    // The precheck, systemd's own stop, coming up and the hold.
    'service.restart, with: { host: "{{ node }}", service: nginx }': 2.8,
    'drain.stop, with: { host: nfs1, name: jobs }': 2,
    'drain.resume, with: { host: nfs1, name: jobs }': 1,
    'host.reboot, with: { host: "{{ node }}" }': 10,
    'backup.run, with: { host: nfs1, name: data }': 30,
  };
  for (const [given, at] of Object.entries(least)) {
    const [took, without] = minutesOf(given);
    expect([given, without]).toEqual([given, []]);
    expect([given, took >= at]).toEqual([given, true]);
  }
  const more = {
    ...loaded.fleet,
    pools: loaded.fleet.pools.map((pool) => ({ ...pool, drain: { ports: [80], atMost: 0, timeoutMs: 3_600_000 } })),
  };
  const depool = page('  - { id: a, do: pool.depool, with: { pool: web, node: web1 }, undo: none, why: w }\n');
  const [short, long] = [loaded.fleet, more].map((fleet) => planPlaybook(depool, new Map(), {}, actionTimes(fleet)).longest.ms);
  expect((long ?? 0) - (short ?? 0)).toBe(58 * 60_000);
  expect(minutesOf('pool.depool, with: { pool: "{{ pool }}", node: web1 }')).toEqual([0, ['pool.depool']]);
  expect(planPlaybook(depool, new Map(), {}).longest.without).toEqual(['pool.depool']);
});
