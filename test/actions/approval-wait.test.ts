import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { PendingApproval } from '../../src/actions/approval-request.ts';
import type { ActionOutcome, WaitingFor } from '../../src/actions/plan.ts';
import type { ActionRequest } from '../../src/actions/request.ts';
import { type BenchConsole, openConsole } from './console.ts';
import { type BenchHost, type Hosts, hostsMissing, startHosts } from './hosts.ts';

describe.skipIf(hostsMissing())('a confirmed plan that waits for a second person', () => {
  let hosts: Hosts;
  let host: BenchHost;
  let fleet: string;
  const open: BenchConsole[] = [];

  beforeAll(async () => {
    hosts = await startHosts(132, 1);
    host = hosts.only;
    fleet = hosts.fleet({
      environments: { prod: { match: { name: '^web' } } },
      services: { nginx: { on: 'web', manager: 'systemd', hold: '0s' } },
      actions: { wipe: { on: 'web', run: 'change {{ tag }}', inputs: { tag: { type: 'text' } }, risk: 'danger', undo: 'none' } },
      approve: { danger: true },
      redact: ['hunter\\d+'],
    });
  });
  afterAll(async () => hosts?.stop());
  beforeEach(() => {
    host.set('log', null);
    for (const note of host.locks()) rmSync(join(host.place, 'lock', note), { recursive: true });
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((one) => one.close()));
  });

  async function two(): Promise<readonly [BenchConsole, BenchConsole]> {
    const opened = await Promise.all(
      ['ann@left', 'bob@right'].map((who) => openConsole({ fleet, who, state: mkdtempSync(join(hosts.directory, 'state-')) })),
    );
    open.push(...opened);
    const [ann, bob] = opened;
    if (ann === undefined || bob === undefined) throw new Error('two consoles');
    return [ann, bob];
  }

  const wipe = (tag: string): ActionRequest => ({ action: 'custom', hostId: host.id, name: 'wipe', inputs: { tag } });

  interface Waiting {
    readonly end: Promise<ActionOutcome>;
    readonly told: WaitingFor[];
    readonly steps: string[];
    stop(): void;
  }

  function waiting(one: BenchConsole, tag: string): Waiting {
    const stopped = new AbortController();
    const [told, steps]: [WaitingFor[], string[]] = [[], []];
    const wait = { signal: stopped.signal, told: (state: WaitingFor) => void told.push(state) };
    const end = one.change(wipe(tag), { reason: `why ${tag}`, wait }, ({ phase, text }) => steps.push(`${phase} ${text}`));
    return { end, told, steps, stop: () => stopped.abort() };
  }

  async function requestFor(one: BenchConsole, title: string): Promise<PendingApproval> {
    for (let tries = 0; tries < 100; tries += 1) {
      const found = (await one.executor.approvals.pending()).find((each) => each.commands.join().includes(title));
      if (found !== undefined) return found;
      await sleep(100);
    }
    throw new Error(`nothing asks for ${title}`);
  }

  const messageOf = (outcome: ActionOutcome): string => (outcome.kind === 'refused' ? outcome.refusal.message : outcome.kind);

  test('is told whom it waits for, and goes on by itself once signed, saying by whom; the request says what it is about', async () => {
    const [ann, bob] = await two();
    const { end, told, steps } = waiting(ann, 'one');
    const request = await requestFor(bob, 'change one');
    expect(told[0]).toMatchObject({
      command: `quarterdeck approve ${request.hash.slice(0, 8)}`,
      needs: expect.stringContaining('dangerous'),
      seen: true,
    });
    expect(request).toMatchObject({
      who: 'ann@left',
      hosts: ['web1'],
      risk: 'danger',
      reason: 'why one',
      undo: 'cannot be undone',
      count: 1,
    });
    expect(request.content).toEqual({ title: 'wipe on web1', commands: [{ hostId: host.id, purpose: 'change', command: 'change one' }] });
    expect(host.happened()).toEqual([]);
    expect(await bob.executor.approvals.give(request)).toBeNull();
    expect((await end).kind).toBe('ok');
    expect(steps[0]).toMatch(/^signed by bob@right \(uid \d+\)$/);
    expect(host.times('one')).toBe(1);
    expect(ann.journal.tail(20).map(({ kind, outcome }) => `${kind} ${outcome}`)).toContain('approval asked');
    expect(await bob.executor.approvals.pending()).toEqual([]);
  });

  test('is refused with the reason of who declined it; both journals have it, and the next asking is none of it', async () => {
    const [ann, bob] = await two();
    const first = waiting(ann, 'two');
    const request = await requestFor(bob, 'change two');
    expect((await bob.executor.approvals.decline(request, '  '))?.guard).toBe('reason');
    expect((await ann.executor.approvals.decline(request, 'mine'))?.message).toContain('somebody else');
    expect(await bob.executor.approvals.decline(request, 'not during the release')).toBeNull();
    expect(messageOf(await first.end)).toMatch(/^declined by bob@right \(uid \d+\): not during the release\.$/);
    expect(bob.journal.tail(1)).toMatchObject([{ kind: 'approval', outcome: 'declined', detail: { reason: 'not during the release' } }]);
    expect(ann.journal.tail(1)).toMatchObject([
      { kind: 'refused', detail: { message: expect.stringContaining('not during the release') } },
    ]);
    const again = waiting(ann, 'two');
    await bob.executor.approvals.give(await requestFor(bob, 'change two'));
    expect((await again.end).kind).toBe('ok');
    expect(host.times('two')).toBe(1);
  });

  test('that is ended by a key, or by locking writes, takes its request back and sends nothing', async () => {
    const [ann, bob] = await two();
    for (const end of [(wait: Waiting) => wait.stop(), () => ann.executor.disarm('prod')]) {
      const wait = waiting(ann, 'three');
      await requestFor(bob, 'change three');
      end(wait);
      expect(messageOf(await wait.end)).toMatch(/ended here|locked by hand/);
      expect(await bob.executor.approvals.pending()).toEqual([]);
    }
    expect(host.happened()).toEqual([]);
  });

  test('asked for from the command line tells of the no when it is planned again', async () => {
    const [ann, bob] = await two();
    expect(messageOf(await ann.change(wipe('four')))).toContain('asked for it');
    await bob.executor.approvals.decline(await requestFor(bob, 'change four'), 'ask tomorrow');
    expect(messageOf(await ann.change(wipe('four')))).toContain('declined by bob@right');
    expect(messageOf(await ann.change(wipe('four')))).toContain('asked for it');
  });

  test('a request whose words were changed on the host cannot be signed; one with masked parts says that it cannot be checked', async () => {
    const [ann, bob] = await two();
    await ann.change(wipe('five'));
    const [folder = ''] = host.locks().filter((name) => name.startsWith('quarterdeck-ask-'));
    const file = join(host.place, 'lock', folder, 'ask');
    writeFileSync(file, readFileSync(file, 'utf8').replaceAll('change five', 'change harmless'));
    const forged = await requestFor(bob, 'change harmless');
    expect((await bob.executor.approvals.give(forged))?.message).toContain('somebody changed the request');
    expect(await bob.executor.approvals.decline(forged, 'it is not what it says')).toBeNull();
    await ann.change(wipe('hunter2'));
    const masked = await requestFor(bob, 'change [redacted]');
    expect(masked.content).toBeNull();
    expect(await bob.executor.approvals.give(masked)).toBeNull();
  });

  test('is not signed any more when its console ends', async () => {
    const [ann, bob] = await two();
    const wait = waiting(ann, 'six');
    await requestFor(bob, 'change six');
    await ann.executor.leave();
    expect(await bob.executor.approvals.pending()).toEqual([]);
    wait.stop();
    await wait.end;
    expect(host.happened()).toEqual([]);
  });
});
