import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createExecutor } from '../../src/actions/executor.ts';
import type { ActionOutcome, Executor, Plan, Progress } from '../../src/actions/plan.ts';
import type { Journal } from '../../src/journal/entry.ts';
import { openJournal } from '../../src/journal/sqlite-journal.ts';
import type { HostView } from '../../src/fleet/view.ts';
import { run as runOnDemo, login } from '../demo/demo-client.ts';
import { type DemoWorld, startWorld, type WorldOptions } from './demo-world.ts';

const publicPage = {
  name: 'public',
  kind: 'http',
  on: [],
  from: 'here',
  everyMs: 30_000,
  timeoutMs: 2000,
  url: '',
  hostHeader: null,
  headers: {},
  unix: null,
  status: 200,
  body: null,
  follow: false,
  minBytes: null,
} as const;

describe('a restart through the executor', () => {
  let world: DemoWorld;
  let journal: Journal;
  let executor: Executor;
  let directory: string;

  const open = async (options: WorldOptions = {}, readOnly = false): Promise<void> => {
    world = await startWorld({ continuous: false, ...options });
    executor = createExecutor({ world: world.live, journal, readOnly, who: 'tester@here' });
    await world.live.pollOnce(300);
  };

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'qd-executor-'));
    journal = openJournal(directory, () => new Date());
  });

  afterEach(async () => {
    journal.close();
    await world?.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  const planFor = async (host: string, service: string): Promise<Plan> => {
    const planned = await executor.plan({ action: 'restart', hostId: world.view(host).host.id, service });
    if (!planned.ok) throw new Error(`refused: ${planned.refusal.message}`);
    return planned.plan;
  };
  const execute = (plan: Plan, word = plan.confirmation.word, told: (progress: Progress) => void = () => {}): Promise<ActionOutcome> =>
    executor.execute(plan, word, told);
  const instanceOf = async (host: string, service: string): Promise<string | null> => {
    await world.live.freshRound(world.view(host).host.id);
    return serviceOf(world.view(host), service)?.instance ?? null;
  };
  const kinds = (): string[] => journal.tail(100).map((entry) => (entry.outcome === null ? entry.kind : `${entry.kind} ${entry.outcome}`));

  test.each([
    ['is there', true],
    ['is away', false],
  ])('is proved by what this console itself asks: the public page %s', async (_, isThere) => {
    const page = createServer((_request, response) => response.writeHead(isThere ? 200 : 502).end('a page'));
    await new Promise<void>((resolve) => page.listen(0, '127.0.0.1', resolve));
    const address = page.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    await open({ proofs: [{ ...publicPage, url: `http://127.0.0.1:${port}/` }], holdMs: 0 });
    const { id } = world.view('web1').host;
    expect(await world.live.runCheck(id, 'public')).toMatchObject({ name: 'public', ok: isThere });
    expect(await world.live.runCheck(id, 'nothing')).toBeNull();
    if (isThere) {
      executor.arm('prod');
      expect(await execute(await planFor('web1', 'nginx'), 'web1')).toMatchObject({
        kind: 'ok',
        evidence: expect.arrayContaining(['check public: status 200']),
      });
    }
    await new Promise((resolve) => page.close(resolve));
  });

  test.each([
    ['web1', 'nginx'],
    ['web1', 'pencils'],
    ['web2', 'pencilsock'],
    ['web2', 'uwsgi'],
    ['nfs1', 'nfs-server'],
    ['lb1', 'haproxy'],
  ])('of %s/%s is proved by a new instance and journaled before and after', async (host, service) => {
    await open();
    const before = await instanceOf(host, service);
    expect(before).not.toBeNull();
    executor.arm('prod');
    const plan = await planFor(host, service);
    const phases: string[] = [];
    const outcome = await execute(plan, host, (progress) => phases.push(progress.phase));
    expect(outcome).toMatchObject({ kind: 'ok' });
    const after = await instanceOf(host, service);
    expect(after).not.toBeNull();
    expect(after).not.toBe(before);
    expect(kinds()).toEqual(['arm', 'intent', 'outcome ok']);
    expect(phases.indexOf('journal')).toBeLessThan(phases.indexOf('send'));
    expect(phases.at(-1)).toBe('done');
  });

  test('heals pencils-down, checks and all', async () => {
    await open({ scenario: 'pencils-down' });
    executor.arm('prod');
    const outcome = await execute(await planFor('web2', 'pencils'));
    expect(outcome).toMatchObject({ kind: 'ok' });
    if (outcome.kind === 'refused') throw new Error('refused');
    expect(outcome.evidence.join('\n')).toMatch(/check load/);
  });

  test('fails in wont-start although the command exits 0, with the words of the script', async () => {
    await open({ scenario: 'wont-start' });
    executor.arm('prod');
    // The time that a service may take to come up passes in a second.
    world.time.pace = 50;
    const outcome = await execute(await planFor('web2', 'pencils'));
    expect(outcome).toMatchObject({ kind: 'failed', summary: expect.stringContaining('Did not start.') });
    expect(kinds()).toEqual(['arm', 'intent', 'outcome failed']);
  });

  test.each([
    {
      when: 'nothing was armed',
      guard: 'not-armed',
      refused: async () => execute(await planFor('web1', 'nginx')),
    },
    {
      when: 'another word was typed',
      guard: 'confirmation',
      refused: async () => {
        executor.arm('prod');
        return execute(await planFor('web1', 'nginx'), 'web2');
      },
    },
    {
      when: 'the plan is a minute old',
      guard: 'expired',
      refused: async () => {
        const plan = await planFor('web1', 'nginx');
        world.time.ahead += 61_000;
        executor.arm('prod');
        return execute(plan);
      },
    },
    {
      when: 'the arming ran out',
      guard: 'not-armed',
      refused: async () => {
        executor.arm('prod');
        world.time.ahead += 5 * 60_000 + 1000;
        return execute(await planFor('web1', 'nginx'));
      },
    },
  ])('is refused when $when, and nothing is sent', async ({ guard, refused }) => {
    await open();
    const before = await instanceOf('web1', 'nginx');
    expect(await refused()).toMatchObject({ kind: 'refused', refusal: { guard, message: expect.stringMatching(/\S/) } });
    expect(await instanceOf('web1', 'nginx')).toBe(before);
    expect(kinds().filter((kind) => kind === 'intent')).toEqual([]);
    expect(kinds().at(-1)).toBe(`refused ${guard}`);
  });

  test('is refused when read-only, where nothing can be armed either', async () => {
    await open({}, true);
    const before = await instanceOf('web1', 'nginx');
    expect(executor.arm('prod')).toMatchObject({ guard: 'read-only' });
    expect(await execute(await planFor('web1', 'nginx'))).toMatchObject({ kind: 'refused', refusal: { guard: 'read-only' } });
    expect(await instanceOf('web1', 'nginx')).toBe(before);
  });

  test('is done once a plan: a spent plan is refused', async () => {
    await open();
    executor.arm('prod');
    const plan = await planFor('web1', 'nginx');
    expect(await execute(plan)).toMatchObject({ kind: 'ok' });
    const after = await instanceOf('web1', 'nginx');
    expect(await execute(plan)).toMatchObject({ kind: 'refused', refusal: { guard: 'expired' } });
    expect(await instanceOf('web1', 'nginx')).toBe(after);
  });

  test('keeps a second change off the same host while it runs, and lets one on another host go on', async () => {
    await open();
    executor.arm('prod');
    const [first, second, elsewhere] = [await planFor('web1', 'nginx'), await planFor('web1', 'uwsgi'), await planFor('web2', 'nginx')];
    const [one, two, three] = await Promise.all([execute(first), execute(second), execute(elsewhere)]);
    expect(one).toMatchObject({ kind: 'ok' });
    expect(two).toMatchObject({ kind: 'refused', refusal: { guard: 'busy' } });
    expect(three).toMatchObject({ kind: 'ok' });
  });

  test('is refused when somebody else restarted the service since the plan was made', async () => {
    await open();
    executor.arm('prod');
    const plan = await planFor('web2', 'pencils');
    const other = await login(world.demo, 'web2');
    await runOnDemo(other, 'sudo -n service pencils restart');
    other.end();
    await expect.poll(() => instanceOf('web2', 'pencils'), { timeout: 15_000 }).not.toBeNull();
    const theirs = await instanceOf('web2', 'pencils');
    expect(await execute(plan)).toMatchObject({ kind: 'refused', refusal: { guard: 'expired' } });
    expect(await instanceOf('web2', 'pencils')).toBe(theirs);
    expect(kinds().filter((kind) => kind === 'intent')).toEqual([]);
  });

  test.each(['before it is armed', 'after it was armed'])('is refused when the journal fails %s, and nothing is sent', async (when) => {
    let failing = when === 'before it is armed';
    const real = journal;
    journal = {
      ...forwarded(real),
      append: (entry) => {
        if (failing) throw new Error('the disk is full');
        return real.append(entry);
      },
    };
    await open();
    const before = await instanceOf('lb1', 'haproxy');
    const armed = executor.arm('prod');
    if (failing) {
      expect(armed).toMatchObject({ guard: 'journal' });
      expect(executor.armed('prod')).toMatchObject({ state: 'locked' });
    }
    failing = true;
    const outcome = await execute(await planFor('lb1', 'haproxy'));
    expect(outcome).toMatchObject({ kind: 'refused', refusal: { guard: armed === null ? 'journal' : 'not-armed' } });
    expect(await instanceOf('lb1', 'haproxy')).toBe(before);
  });

  test('of a host that went away after the plan is refused, not unknown', async () => {
    await open();
    executor.arm('prod');
    const plan = await planFor('web2', 'nginx');
    world.demo.setScenario('host-down');
    expect(await execute(plan)).toMatchObject({ kind: 'refused', refusal: { message: expect.stringMatching(/\S/) } });
    expect(kinds().filter((kind) => kind === 'intent')).toEqual([]);
  });
});

function serviceOf(view: HostView, name: string): HostView['services'][number] | undefined {
  return view.services.find((service) => service.name === name);
}

function forwarded(journal: Journal): Journal {
  return {
    append: (entry) => journal.append(entry),
    tail: (count) => journal.tail(count),
    ofAction: (id) => journal.ofAction(id),
    open: () => journal.open(),
    ofKinds: (kinds) => journal.ofKinds(kinds),
    get failure() {
      return journal.failure;
    },
    close: () => journal.close(),
  };
}
