import { cpSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { PendingApproval } from '../../src/actions/approval-request.ts';
import type { ActionOutcome } from '../../src/actions/plan.ts';
import type { ActionRequest } from '../../src/actions/request.ts';
import { type BenchConsole, openConsole } from './console.ts';
import { type BenchHost, type Hosts, hostsMissing, startHosts } from './hosts.ts';

describe.skipIf(hostsMissing())('a change that needs a second person', () => {
  let hosts: Hosts;
  let host: BenchHost;
  let fleet: string;
  const open: BenchConsole[] = [];

  beforeAll(async () => {
    hosts = await startHosts(67, 3);
    host = hosts.only;
    fleet = hosts.fleet({
      services: { nginx: { on: 'web', manager: 'systemd', hold: '0s' } },
      actions: { wipe: { on: 'web', run: 'change {{ tag }}', inputs: { tag: { type: 'text' } }, risk: 'danger', undo: 'none' } },
      approve: { over: 2, danger: true },
      bulk: { canary: 1, batch: 2, healthy: 1, stop_after: 1 },
      redact: ['hunter\\d+'],
    });
  });
  afterAll(async () => hosts?.stop());
  beforeEach(() => {
    for (const each of hosts.hosts) each.set('log', null);
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((one) => one.close()));
  });

  async function console(who: string): Promise<BenchConsole> {
    const opened = await openConsole({ fleet, who, state: mkdtempSync(join(hosts.directory, 'state-')) });
    open.push(opened);
    return opened;
  }

  const wipe = (tag: string): ActionRequest => ({ action: 'custom', hostId: host.id, name: 'wipe', inputs: { tag } });
  async function requestFor(one: BenchConsole, tag: string): Promise<PendingApproval> {
    const found = (await one.executor.approvals.pending()).find((each) => each.commands.includes(`web1: change ${tag}`));
    if (found === undefined) throw new Error(`no request for ${tag}`);
    return found;
  }

  const guardOf = (outcome: ActionOutcome): string => (outcome.kind === 'refused' ? outcome.refusal.guard : outcome.kind);

  test('it waits for somebody else’s yes, which counts once', async () => {
    const [ann, bob] = await Promise.all([console('ann@left'), console('bob@right')]);
    const asked = await ann.change(wipe('one'));
    expect(guardOf(asked)).toBe('approval');
    expect(asked.kind === 'refused' && asked.refusal.message).toMatch(
      /second person for a dangerous action: asked for it; .*quarterdeck approve [0-9a-f]{8}/,
    );
    const own = await requestFor(ann, 'one');
    expect((await ann.executor.approvals.give(own))?.message).toContain('somebody else');
    expect(guardOf(await ann.change(wipe('one')))).toBe('approval');
    expect(host.happened()).toEqual([]);

    const request = await requestFor(bob, 'one');
    expect(request).toMatchObject({ who: 'ann@left', title: 'wipe on web1', commands: ['web1: change one'] });
    expect(await bob.executor.approvals.give(request)).toBeNull();
    expect(bob.journal.tail(1)).toMatchObject([{ kind: 'approval', detail: { askedBy: 'ann@left', hash: request.hash } }]);
    expect((await ann.change(wipe('one'))).kind).toBe('ok');
    const intent = ann.journal.tail(10).findLast((entry) => entry.kind === 'intent');
    expect(intent?.detail['approvedBy']).toMatch(/^bob@right \(uid \d+\)$/);
    expect(host.locks()).toEqual([]);

    await sleep(1100);
    expect(guardOf(await ann.change(wipe('one'), { reason: 'once more' }))).toBe('approval');
    expect(host.times('one')).toBe(1);
  });

  test('a yes that stays on the host, because only its owner may remove it, is used up all the same', async () => {
    const [ann, bob] = await Promise.all([console('ann@left'), console('bob@right')]);
    await ann.change(wipe('kept'));
    await bob.executor.approvals.give(await requestFor(bob, 'kept'));
    const [yes = ''] = host.locks().filter((name) => name.startsWith('quarterdeck-yes-'));
    const [there, aside] = [join(host.place, 'lock', yes), join(hosts.directory, 'aside')];
    cpSync(there, aside, { recursive: true, preserveTimestamps: true });
    await sleep(1100);
    expect((await ann.change(wipe('kept'))).kind).toBe('ok');
    cpSync(aside, there, { recursive: true, preserveTimestamps: true });
    expect(guardOf(await ann.change(wipe('kept'), { reason: 'with the old yes' }))).toBe('approval');
    await sleep(1100);
    await bob.executor.approvals.give(await requestFor(bob, 'kept'));
    expect((await ann.change(wipe('kept'), { reason: 'with a new one' })).kind).toBe('ok');
    expect(host.times('kept')).toBe(2);
  });

  test('a yes to one plan is none to another', async () => {
    const [ann, bob] = await Promise.all([console('ann@left'), console('bob@right')]);
    await ann.change(wipe('two'));
    await bob.executor.approvals.give(await requestFor(bob, 'two'));
    expect(guardOf(await ann.change(wipe('three')))).toBe('approval');
    expect((await ann.change(wipe('two'))).kind).toBe('ok');
    expect(host.times('three')).toBe(0);
  });

  test('above the fleet file’s number of hosts, many hosts need it and fewer do not', async () => {
    const [ann, bob] = await Promise.all([console('ann@left'), console('bob@right')]);
    const requests = hosts.hosts.map((each): ActionRequest => ({ action: 'restart', hostId: each.id, service: 'nginx' }));
    const start = async (some: readonly ActionRequest[]): Promise<string> => {
      const planned = await ann.executor.bulk.plan(some);
      if (!planned.ok) throw new Error(planned.refusal.message);
      ann.executor.arm('default');
      const run = await ann.executor.bulk.start(planned.plan, planned.plan.confirmation.word, { reason: 'rolling' }, () => {});
      return 'guard' in run ? run.guard : (await run.done).phase;
    };
    expect(await start(requests.slice(0, 2))).toBe('done');
    expect(await start(requests)).toBe('approval');
    const request = (await bob.executor.approvals.pending()).find((each) => each.commands.length === 3);
    if (request === undefined) throw new Error('the request is not there');
    await bob.executor.approvals.give(request);
    expect(await start(requests)).toBe('done');
  }, 60_000);

  test('what the fleet file masks is not in the request, which everybody on the host may read', async () => {
    const ann = await console('ann@left');
    await ann.change(wipe('hunter2'));
    const request = (await ann.executor.approvals.pending()).find((each) => each.commands.join().includes('[redacted]'));
    expect(request?.commands).toEqual(['web1: change [redacted]']);
  });

  test('a script of our own is named by what it says of itself, as on the card; what a request brings along moves no cursor', async () => {
    const ann = await console('ann@left');
    const script = "sudo -n sh -c '# quarterdeck backup data\n# copies /data to /backup\nset -eu\nrsync -a /data/ /backup/'";
    const commands = [
      { hostName: 'web1', command: script },
      { hostName: 'web1', command: 'change \u001b[2J\nand more' },
    ];
    const { approvals } = ann.executor;
    const hash = 'ab'.repeat(32);
    expect(
      await approvals.leave({ hash, title: 'Backup \u001b]52;c;QQ==\u0007', env: 'prod', targets: [{ hostId: host.id }], commands }),
    ).toBeNull();
    const request = (await approvals.pending()).find((each) => each.hash === hash);
    expect(request?.commands).toEqual(['web1: sudo -n script backup data: copies /data to /backup', 'web1: change \\x1b[2J\nand more']);
    expect(request?.title).toBe('Backup \\x1b]52;c;QQ==\\x07');
    await approvals.settle({ hash, title: '', env: 'prod', targets: [{ hostId: host.id }], commands });
  });
});
