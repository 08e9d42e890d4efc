import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Entry, Journal, NewEntry } from '../../src/journal/entry.ts';
import { noLibrary, type PlaybookFile } from '../../src/playbook/library.ts';
import { handsOf } from './hands-of.ts';
import type { RunView } from '../../src/playbook/run/run-view.ts';
import { Runs } from '../../src/playbook/runs.ts';
import { type BenchConsole, openConsole } from '../actions/console.ts';
import { type BenchHost, type Hosts, hostsMissing, startHosts } from '../actions/hosts.ts';
import { head, playbookOf, ScriptedPerson } from './recorded-world.ts';

describe.skipIf(hostsMissing())('a run on real hosts', () => {
  let hosts: Hosts;
  let host: BenchHost;
  let fleet: string;
  const open: BenchConsole[] = [];

  beforeAll(async () => {
    hosts = await startHosts(71, 1);
    host = hosts.only;
    fleet = hosts.fleet({
      services: { nginx: { on: 'web', manager: 'systemd', hold: '0s' } },
      actions: {
        wipe: { on: 'web', run: 'change {{ tag }}', inputs: { tag: { type: 'text' } }, risk: 'danger', undo: 'none' },
        back: { on: 'web', run: 'change there', undo: 'change again' },
        late: { on: 'web', run: 'change late-begun; exit 124', undo: 'change late-back' },
      },
      checks: { replication: { on: 'web', command: 'test ! -e "$PLACE/broken"', every: '1h' } },
      approve: { danger: true },
    });
  });
  afterAll(async () => hosts?.stop());
  afterEach(async () => {
    await Promise.all(open.splice(0).map((one) => one.close()));
  });

  async function console(
    who: string,
    continuous = false,
    through: (journal: Journal) => Journal = (journal) => journal,
  ): Promise<BenchConsole & { readonly state: string }> {
    const state = mkdtempSync(join(hosts.directory, 'state-'));
    const opened = await openConsole({ fleet, who, state, continuous, through });
    open.push(opened);
    return { ...opened, state };
  }

  function start(one: BenchConsole, text: string, inputs: Readonly<Record<string, unknown>> = {}) {
    const page = `${head}${text}`;
    const file: PlaybookFile = { playbook: playbookOf(page), text: page, file: 'x.yaml' };
    const told: string[] = [];
    one.executor.arm('default');
    const tell = (words: string): void => void told.push(words);
    const hands = handsOf(one, tell, tell);
    const person = new ScriptedPerson({}, false, (question) => (question.kind === 'go' ? { kind: 'go' } : null));
    const run = new Runs(one.journal).start({ file, library: noLibrary, inputs, reason: 'a test', env: 'default', hands, person });
    return { run, told, hands };
  }

  const endOf = ({ phase }: RunView): readonly string[] => (phase.phase === 'closed' ? [phase.result, phase.message] : [phase.phase, '']);
  const noteOf = (view: RunView, key: string): string | null => view.steps.find((step) => step.address === key)?.note ?? null;

  /** Signs, as `quarterdeck approve` does, the first request of these words that stands on a host. */
  async function sign(one: BenchConsole, words: string): Promise<string> {
    for (let tries = 0; tries < 100; tries += 1) {
      const found = (await one.executor.approvals.pending()).find((request) => request.title.includes(words));
      if (found !== undefined) return (await one.executor.approvals.give(found))?.message ?? `signed ${found.hash.slice(0, 8)}`;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error(`nothing asks for ${words}`);
  }

  test('a look ends with its run, and with its own time', async () => {
    const one = await console('ann@desk');
    const hands = handsOf(one);
    const look = (deadlineMs: number, signal: AbortSignal) =>
      hands.probe({ kind: 'command', host: host.name, command: 'sleep 30' }, 'k', deadlineMs, signal);
    expect(await look(60_000, AbortSignal.timeout(200))).toMatchObject({ kind: 'timeout' });
    expect(await look(1000, new AbortController().signal)).toMatchObject({ kind: 'timeout', why: 'no end within 1 s' });
    const away = hands.probe({ kind: 'alert', host: 'nobody', alert: 'nginx-down' }, 'k', 1000, new AbortController().signal);
    expect(await away).toMatchObject({ kind: 'wrong' });
    const frozen = { kind: 'run', host: host.name, command: 'printf %s "$QD_SECRET_key" | cat', timeoutMs: 1000 } as const;
    expect(await hands.prepareUndo(frozen, 'k', { run: 'run-1', reason: 'a test', secrets: {} })).toMatchObject({ kind: 'refused' });
    const long = new AbortController();
    const slept = hands.sleep(2 ** 31 + 5, long.signal).then(() => 'slept');
    expect(await Promise.race([slept, new Promise((resolve) => setTimeout(() => resolve('sleeps'), 100))])).toBe('sleeps');
    long.abort();
    expect(await slept).toBe('slept');
  });

  test('a host that was lost is found again by the run itself, where nothing polls', async () => {
    const ann = await console('ann@left');
    // Its connections end, as with a reboot; the next one is taken.
    for (const pid of host.sshd.pids) execFileSync('pkill', ['-KILL', '-P', String(pid)]);
    await vi.waitFor(() => expect(ann.session.live.view(host.id)?.reach.reach).not.toBe('ok'), 5000);
    const { run } = start(ann, 'steps:\n  - { id: back, wait: "echo here", host: web1, until: exit == 0, every: 1s, timeout: 15s }\n');
    expect(endOf(await run.done)).toEqual(['ok', 'every step is done']);
  }, 30_000);

  test('an approval is another console’s, by hash: neither a typed name nor the operator’s own counts', async () => {
    const [ann, bob] = await Promise.all([console('ann@left'), console('bob@right')]);
    const { run, told } = start(
      ann,
      'steps:\n  - { id: boss, approve: "Really?" }\n  - { id: go, run: "change approved", host: web1, timeout: 9s, undo: none, why: w }\n',
    );
    expect(await sign(ann, 'Really?')).toContain('somebody else');
    expect(run.view().phase).toMatchObject({ phase: 'waiting', for: 'approval' });
    const signed = await sign(bob, 'Really?');
    const view = await run.done;
    expect(endOf(view)).toEqual(['ok', 'every step is done']);
    expect(noteOf(view, 'boss')).toMatch(/^approved by bob@right \(uid \d+\)$/);
    expect(told[0]).toContain(`quarterdeck approve ${signed.slice('signed '.length)}`);
    expect([host.times('approved'), host.locks()]).toEqual([1, []]);
  }, 30_000);

  test('what nobody signed in time is asked for no more, and cannot be signed any more', async () => {
    const [ann, bob] = await Promise.all([console('ann@left'), console('bob@right')]);
    const { run } = start(ann, 'steps:\n  - { id: boss, approve: "Late?", timeout: 1s, on_fail: continue }\n');
    const view = await run.done;
    expect(view.steps[0]?.state).toBe('timeout');
    expect([await bob.executor.approvals.pending(), host.locks()]).toEqual([[], []]);
  }, 30_000);

  test('no alert of something broken is not quiet: it is asked anew, and waited for until it is an alert or well', async () => {
    const ann = await console('ann@left', true);
    const look = (address: string): string =>
      `  - { id: ${address}, check: { alert: replication-failing }, host: web1, expect: "!firing", on_fail: continue }\n`;
    const wait = (address: string, until: string): string =>
      `  - { id: ${address}, wait: { alert: replication-failing }, host: web1, until: "${until}", every: 1s, timeout: 15s, on_fail: continue }\n`;
    const walked = async (steps: string): Promise<readonly string[]> => {
      const { run } = start(ann, `steps:\n${steps}`);
      return (await run.done).steps.map(({ address, state, note }) => `${address} ${state}: ${note}`);
    };
    host.set('broken', '');
    try {
      const [first, second] = await walked(look('look') + wait('fires', 'firing'));
      expect(first).toMatch(/^look unknown: no alert replication-failing yet, but: check replication failing/);
      expect(second).toMatch(/^fires ok: check replication failing/);
    } finally {
      host.set('broken', null);
    }
    expect(
      await walked(wait('quiet', '!firing') + look('still') + look('odd').replace('host: web1, ', '').replaceAll('replication', 'web')),
    ).toEqual([
      'quiet ok: replication-failing is not firing',
      'still ok: replication-failing is not firing',
      'odd failed: nothing of this fleet raises an alert web-failing',
    ]);
  }, 30_000);

  test('a change that needs a second person waits for one inside the run', async () => {
    const [ann, bob] = await Promise.all([console('ann@left'), console('bob@right')]);
    const { run } = start(
      ann,
      'steps:\n  - { id: wipe, do: custom.wipe, with: { host: web1, tag: second }, undo: none, why: w, on_fail: continue }\n',
    );
    await sign(bob, 'wipe');
    const view = await run.done;
    expect([endOf(view), host.times('second')]).toEqual([['ok', 'every step is done'], 1]);
  }, 30_000);

  test('a command that was cut off may have changed something, whichever console asks, and its own 124 is not called our deadline', async () => {
    const ann = await console('ann@left');
    const { run, hands } = start(
      ann,
      'steps:\n  - { id: own, run: "timeout 0.1 sleep 5", host: web1, timeout: 20s, undo: { run: "true" }, on_fail: continue }\n',
    );
    const view = await run.done;
    expect(view.steps[0]).toMatchObject({ state: 'timeout', note: 'the command ended with exit 124' });
    const sent = ann.journal.ofKinds(['intent']).find(({ command }) => command?.includes('sleep 5'));
    expect(await hands.recover(sent?.actionId ?? '')).toMatchObject({ outcome: 'timeout', facts: { exit: 124 } });
  });

  test('a change that its console lost out of sight is asked for on its host later, and its word is written', async () => {
    // As the executor writes it of a host that stayed away for longer than it waits.
    const blind = (journal: Journal): Journal =>
      new Proxy(journal, {
        get: (target, name) => {
          const { append } = target;
          if (name !== 'append') {
            const value: unknown = Reflect.get(target, name);
            return typeof value === 'function' ? value.bind(target) : value;
          }
          return (entry: NewEntry): Entry => {
            const unseen = entry.kind === 'outcome' && !JSON.stringify(entry.detail).includes('seen later');
            const detail = { ...entry.detail, summary: 'web1 did not come back within 60 s', commands: [{}], changed: false, undo: null };
            return append.call(target, unseen ? { ...entry, outcome: 'unknown', detail } : entry);
          };
        },
      });
    const ann = await console('ann@left', false, blind);
    const { run, hands } = start(
      ann,
      'steps:\n  - { id: own, run: "change unseen; echo told", host: web1, timeout: 20s, undo: none, why: w }\n',
    );
    await run.done;
    const [sent] = ann.journal.ofKinds(['intent']);
    const id = sent?.actionId ?? '';
    expect([ann.journal.ofAction(id).at(-1)?.outcome, host.steps().length]).toEqual(['unknown', 1]);
    expect(await hands.recover(id)).toMatchObject({ outcome: 'ok', facts: { exit: 0 } });
    expect(await hands.recover(id)).toMatchObject({ outcome: 'ok' });
    expect(
      ann.journal
        .ofAction(id)
        .filter(({ kind }) => kind === 'outcome')
        .map(({ outcome }) => outcome),
    ).toEqual(['unknown', 'ok']);
    expect([host.times('unseen'), host.steps(), host.locks()]).toEqual([1, [], []]);
  }, 30_000);

  test('an action that was cut off, and may have changed something, is taken back by its own inverse, here and by the next console', async () => {
    const ann = await console('ann@left');
    const steps = (handler: string): string =>
      `steps:\n  - { id: out, do: custom.late, with: { host: web1 }, undo: auto, on_fail: ${handler} }\n`;
    const view = await start(ann, steps('undo')).run.done;
    expect([view.steps[0]?.state, endOf(view)[0], host.times('late-back')]).toEqual(['timeout', 'undone', 1]);
    const left = start(ann, steps('stop'));
    await left.run.done;
    const { actionId } = ann.journal.ofKinds(['intent']).findLast(({ command }) => command?.includes('late-begun')) ?? {};
    const next = start(ann, 'steps:\n  - { tell: x }\n');
    await next.run.done;
    const undo = await next.hands.prepareUndo({ kind: 'auto', actionId: actionId ?? '' }, 'out', { run: 'run-1', reason: 'a test' });
    expect(undo).toMatchObject({ kind: 'ready', commands: [expect.stringContaining('late-back')] });
  }, 30_000);

  test('what a run did that ended well is not offered to be taken back alone, what it left in another end is', async () => {
    const ann = await console('ann@left');
    const steps = (more: string): string => `steps:\n  - { id: out, do: custom.back, with: { host: web1 }, undo: auto }\n${more}`;
    expect(endOf(await start(ann, steps('')).run.done)[0]).toBe('ok');
    expect(ann.executor.undo.list()).toEqual([]);
    const over = steps('  - { stop: "ask them", result: escalated }\n');
    expect(endOf(await start(ann, over).run.done)[0]).toBe('escalated');
    expect(ann.executor.undo.list().map(({ request }) => request)).toMatchObject([{ action: 'custom-undo', name: 'back' }]);
  }, 30_000);

  test('a command that was called off half-way may have changed something: its debt and its undo are kept', async () => {
    const ann = await console('ann@left');
    const { run, hands } = start(
      ann,
      'steps:\n  - { id: half, run: "touch \\"$PLACE/half\\"; sleep 20", host: web1, timeout: 60s, temporary: true, leave: x, undo: { run: "true" } }\n',
    );
    await expect.poll(() => host.has('half'), { timeout: 10_000 }).toBe(true);
    run.abort('enough');
    const view = await run.done;
    expect(view.steps[0]?.state).toBe('cancelled');
    expect([endOf(view), view.debts.map(({ id }) => id)]).toEqual([
      ['aborted', expect.stringMatching(/^enough; not taken back: /)],
      ['half'],
    ]);
    const sent = ann.journal.ofKinds(['intent']).find(({ command }) => command?.includes('/half'));
    expect(await hands.recover(sent?.actionId ?? '')).toMatchObject({ outcome: 'cancelled', changed: true });
  }, 30_000);

  test('a secret input reaches its command, and stands in no command line, journal, file or view', async () => {
    const ann = await console('ann@left');
    const secret = `p'w "x\\$9-canary`;
    const steps = `inputs: { token: { type: secret } }
steps:
  - id: use
    run: "printf %s {{ token }} >\\"$HOME/got\\"; printf 'said %s\\\\n' {{ token }}; cat /proc/[0-9]*/cmdline >\\"$HOME/argv\\" 2>/dev/null; true"
    host: web1
    timeout: 20s
    save: said
    undo: { run: "printf %s {{ token }} >\\"$HOME/undone\\"" }
  - { id: bad, check: "exit 1", host: web1, on_fail: undo }
`;
    const { run } = start(ann, steps, { token: secret });
    const view = await run.done;
    expect(endOf(view)[0]).toBe('undone');
    const home = join(host.place, 'home');
    expect([readFileSync(join(home, 'got'), 'utf8'), readFileSync(join(home, 'undone'), 'utf8')]).toEqual([secret, secret]);
    expect(readFileSync(join(home, 'argv'), 'latin1')).not.toContain('canary');
    expect(JSON.stringify(view)).not.toContain('canary');
    expect(view.steps.find((step) => step.address === 'use')?.evidence.join('\n')).toContain('said •••');
    const files = readdirSync(ann.state, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    expect(files.length).toBeGreaterThan(0);
    for (const entry of files) expect(readFileSync(join(entry.parentPath, entry.name)).includes('canary')).toBe(false);
    const [step] = ann.journal.ofKinds(['intent']);
    expect(step?.command).toContain('printf %s "$QD_SECRET_token"');
  }, 30_000);

  test('a reboot of a host sweeps the run’s lock away, and the run takes it again; a lock that only vanished is lost', async () => {
    const ann = await console('ann@left');
    const sweep = 'rm -r /run/lock/quarterdeck-host.lock';
    const boot = '{ read -r id </proc/sys/kernel/random/uuid; echo "$id" >"$PLACE/boot-id"; }';
    const page = (command: string, tag: string): string => `lock: ["node:web1"]
steps:
  - { id: away, run: '${command}', host: web1, timeout: 9s, undo: none, why: w }
  - { id: after, run: "change ${tag}", host: web1, timeout: 9s, undo: none, why: w }
`;
    const rebooted = await start(ann, page(`${sweep}; ${boot}`, 'after-boot')).run.done;
    expect([endOf(rebooted), host.times('after-boot'), host.locks()]).toEqual([['ok', 'every step is done'], 1, []]);
    const vanished = await start(ann, page(sweep, 'vanished')).run.done;
    expect([endOf(vanished)[0], noteOf(vanished, 'after'), host.times('vanished')]).toEqual([
      'failed',
      expect.stringContaining('the lock on web1 was taken away'),
      0,
    ]);
  }, 30_000);

  test('a wait of a few seconds for a port or a page asks, though what is left of it is no whole number', async () => {
    const ann = await console('ann@left');
    const server = createServer((_request, response) => response.end('well')).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const { run } = start(
      ann,
      `steps:
  - { id: port, wait: { port: ${port} }, host: web1, every: 200ms, hold: 2s, timeout: 9s, on_fail: continue }
  - { id: page, wait: { http: "http://localhost:${port}/" }, host: web1, until: status == 200, every: 200ms, hold: 2s, timeout: 9s, on_fail: continue }
  - { id: short, wait: { port: ${port} }, host: web1, every: 200ms, hold: 9s, timeout: 1s, on_fail: continue }
`,
    );
    const view = await run.done;
    server.close();
    expect(['port', 'page'].map((key) => noteOf(view, key))).toEqual([
      `port ${port} is open, and stayed so for 2s`,
      'well, and stayed so for 2s',
    ]);
    expect(noteOf(view, 'short')).toMatch(/^not so within 1s: port \d+ is open, but it held for only \S+ of 9s$/);
  }, 30_000);

  test('a lock in the way of a step is tried again or broken by its person, though the step may not be repeated; that is told', async () => {
    const [ann, bob] = await Promise.all([console('ann@desk'), console('bob@box')]);
    ann.executor.arm('default');
    const lock = { hostId: host.id, hostName: host.name, lock: 'host', needed: true };
    const held = await ann.executor.runs.claim('default', 'web1', [lock], 'disk work', { run: 'run-of-ann' });
    const steps = 'steps:\n  - { id: more, run: "change more", host: web1, timeout: 10s, rerun: never, undo: none, why: w }\n';
    const file: PlaybookFile = { playbook: playbookOf(`${head}${steps}`), text: `${head}${steps}`, file: 'x.yaml' };
    const told: string[] = [];
    bob.executor.arm('default');
    const hands = handsOf(bob, (words) => void told.push(words));
    const asked: unknown[] = [];
    const person = new ScriptedPerson({}, true, (question) => {
      if (question.kind !== 'failed') return null;
      asked.push([question.summary, question.may, host.times('more')]);
      return asked.length === 1 ? { kind: 'retry' } : { kind: 'break', reason: 'ann is asleep' };
    });
    const run = new Runs(bob.journal).start({ file, library: noLibrary, inputs: {}, reason: 'a test', env: 'default', hands, person });
    expect(endOf(await run.done)).toEqual(['ok', 'every step is done']);
    const refusal = [
      expect.stringMatching(/^ann@desk \[\d+\] is changing web1 \(disk work\) for \S+, last sign/),
      ['retry', 'break', 'skip', 'undo', 'stop'],
      0,
    ];
    expect([asked, host.times('more')]).toEqual([[refusal, refusal], 1]);
    expect(told).toEqual([expect.stringMatching(/^the lock of ann@desk \[\d+\] on web1 was broken: ann is asleep$/)]);
    expect(bob.journal.tail(50).some(({ outcome }) => outcome === 'lock broken')).toBe(true);
    if (held.ok) await held.locks.release();
    expect(host.locks()).toEqual([]);
  }, 60_000);
});
