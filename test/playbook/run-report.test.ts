import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { incidentEntry, type IncidentEvent } from '../../src/journal/incident/event.ts';
import { openJournal } from '../../src/journal/sqlite-journal.ts';
import type { Journal } from '../../src/journal/entry.ts';
import { createNotifier, type Notifier } from '../../src/notify/notifier.ts';
import { noLibrary } from '../../src/playbook/library.ts';
import { reportRun } from '../../src/playbook/run-report.ts';
import type { Prepared } from '../../src/playbook/run/hands.ts';
import type { Answer } from '../../src/playbook/run/question.ts';
import type { Run } from '../../src/playbook/run/run.ts';
import { Runs } from '../../src/playbook/runs.ts';
import { fleetThatTells } from '../notify/fleet.ts';
import { httpServer, smtpServer } from '../notify/servers.ts';
import { bad, playbookOf, RecordedHands, RecordedWorld, ScriptedPerson } from './recorded-world.ts';

let dir = '';
let journal: Journal;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'qd-report-'));
  journal = openJournal(dir, () => new Date(Date.UTC(2026, 10, 21, 14, 7)));
});
afterEach(() => {
  vi.unstubAllEnvs();
  journal.close();
  rmSync(dir, { recursive: true, force: true });
});

const head = 'playbook: fix-web\nformat: 1\ntitle: X\nowner: o\nreviewed: "2026-11-21"\nwhen_to_use: w\n';
const node = 'inputs: { node: { type: host, from: web } }\n';
const steps = `steps:
  - { id: look, check: see, host: "{{ node }}" }
  - { id: depool, do: pool.depool, with: { pool: web, node: "{{ node }}" }, temporary: true }
  - { id: restart, run: "sudo service pencils restart", host: "{{ node }}", timeout: 5s, undo: none, why: w }
  - { id: repool, do: pool.repool, with: { pool: web, node: "{{ node }}" }, settles: depool }
`;

function notifierFor(fleet = fleetThatTells({})): Notifier {
  const pace = { settle: 10, gap: 0, deadline: 400, retry: 50, longestRetry: 100 };
  const notifier = createNotifier(fleet, dir, { now: Date.now, pace });
  onTestFinished(() => notifier.stop());
  return notifier;
}

interface Walk {
  readonly text: string;
  readonly world?: RecordedWorld;
  readonly answers?: Readonly<Record<string, Answer>>;
  readonly level?: 'run' | 'check';
  /** Called when a change was sent. */
  readonly hook?: (what: string, run: { leave(): void; abort(reason: string): void }) => void;
}

/** Walks a playbook on recorded hosts with a real journal; `told` are the lines, in order, each with whom it is for. */
async function walked(walk: Walk) {
  const playbook = playbookOf(walk.text);
  const told: [string, string | null][] = [];
  const world = walk.world ?? new RecordedWorld();
  const began: { run?: Run } = {};
  const hook = (what: string): void => {
    if (began.run !== undefined) walk.hook?.(what, began.run);
  };
  const run = new Runs(journal).start({
    file: { playbook, text: walk.text, file: 'x.yaml' },
    library: noLibrary,
    inputs: { node: 'web1' },
    reason: '8816 closed after deploy',
    env: 'prod',
    hands: new RecordedHands(world, walk.level ?? 'run', hook),
    person: new ScriptedPerson(walk.answers ?? {}),
  });
  began.run = run;
  await report(run, playbook, (line, to) => told.push([line, to]));
  return { told, lines: told.map(([line]) => line), id: run.parts.id, world };
}

function report(
  run: Parameters<typeof reportRun>[0]['run'],
  playbook: ReturnType<typeof playbookOf>,
  tell: (line: string, to: string | null) => void,
  closing: AbortSignal = new AbortController().signal,
) {
  return reportRun({
    run,
    playbook,
    journal,
    fleet: 'aslo',
    who: 'ann@desk',
    now: () => Date.UTC(2026, 10, 21, 14, 11),
    report: tell,
    closing,
  });
}

const long = 'report: { to: ops-log, at: [start, end] }\n';

test('a run is one line at its start and one at its end: what really changed, why, for which incident', async () => {
  const event: Extract<IncidentEvent, { event: 'start' }> = {
    event: 'start',
    at: 0,
    fleet: 'aslo',
    title: 'web1 is sick',
    severity: 'sev3',
    visibility: 'internal',
    alert: null,
    hosts: ['web1'],
    services: [],
  };
  journal.append(incidentEntry('k1', { ...event, fleet: 'other' }, 'ann@desk', 't'));
  journal.append(incidentEntry('k2', event, 'ann@desk', 't'));
  const { lines } = await walked({ text: `${head}${node}${long}${steps}` });
  expect(lines).toEqual([
    '2026-11-21T14:11Z START ann@desk fix-web web1 — "8816 closed after deploy" INC-2',
    expect.stringMatching(
      /^2026-11-21T14:11Z END \(ok, \S+\) ann@desk fix-web web1: depool, restart, repool — "8816 closed after deploy" INC-2$/,
    ),
  ]);
});

test('what was there already, skipped or never sent is not told as done; what failed is told as that, with what is owed', async () => {
  const world = new RecordedWorld();
  world.ends.set('web1: sudo service pencils restart', bad);
  const { lines } = await walked({ text: `${head}${node}${long}${steps}`, world });
  expect(lines[1]).toMatch(/ END \(FAILED, \S+\) ann@desk fix-web web1: depool, restart \(failed\) — .* OPEN: /);
  const half = new RecordedWorld();
  half.ends.set('web1: sudo service pencils restart', { ...bad, outcome: 'cancelled', changed: true });
  const ended = await walked({ text: `${head}${node}${long}${steps}`, world: half });
  expect(ended.lines[1]).toMatch(/: depool, restart \(called off half-way\) — /);
});

test('a run that took back what it did says both', async () => {
  const world = new RecordedWorld();
  world.ends.set('web1: sudo service pencils restart', bad);
  const { lines } = await walked({ text: `${head}${node}${long}${steps}`, world, answers: { 'failed restart': { kind: 'undo' } } });
  expect(lines[1]).toMatch(/ END \(undone, \S+\) ann@desk fix-web web1: depool, restart \(failed\), undo depool — /);
  expect(lines[1]).not.toContain('OPEN');
});

test('one that is called off is told too', async () => {
  const { lines } = await walked({
    text: `${head}${node}${long}${steps}`,
    hook: (what, run) => {
      if (what.includes('restart')) run.abort('wrong host');
    },
  });
  expect(lines[1]).toMatch(/ END \(undone, \S+\) .*: depool, restart, undo depool /);
});

test('one that is left says so with what is open, and who takes it up tells its start once and then the whole of it', async () => {
  const text = `${head}${node}${long}${steps}`;
  const first = await walked({
    text,
    hook: (what, run) => {
      if (what.includes('depool')) run.leave();
    },
  });
  expect(first.lines[1]).toMatch(/ END \(LEFT, \S+\) .*: depool — .* OPEN: /);
  const runs = new Runs(journal);
  const kept = runs.find(first.id);
  if (kept === null) throw new Error('the journal lost the run');
  const told: string[] = [];
  // The console that had it is this very process; a real one has ended.
  const run = runs.resume(
    { ...kept, owned: false },
    { env: 'prod', hands: new RecordedHands(first.world), person: new ScriptedPerson(), secrets: {} },
  );
  await report(run, playbookOf(text), (line) => told.push(line));
  expect(told).toEqual([
    '2026-11-21T14:11Z START ann@desk fix-web web1 — "taken up from ann@desk: 8816 closed after deploy"',
    expect.stringMatching(/ END \(ok, \S+\) ann@desk fix-web web1: depool, restart, repool — "8816 closed after deploy"$/),
  ]);
});

test('one whose step does not end before its console does is told as left, with what may be half done', async () => {
  const text = `${head}${node}${long}steps: [{ id: restart, run: "x", host: "{{ node }}", timeout: 5s, undo: none, why: w }]\n`;
  const sent = Promise.withResolvers<typeof bad>();
  class Slow extends RecordedHands {
    override async prepare(...asked: Parameters<RecordedHands['prepare']>): Promise<Prepared> {
      const prepared = await super.prepare(...asked);
      return prepared.kind === 'ready' ? { ...prepared, send: () => sent.promise } : prepared;
    }
  }
  const close = new AbortController();
  const playbook = playbookOf(text);
  const file = { playbook, text, file: 'x.yaml' };
  const hands = new Slow(new RecordedWorld());
  const run = new Runs(journal).start({
    file,
    library: noLibrary,
    inputs: { node: 'web1' },
    reason: null,
    env: 'prod',
    hands,
    person: new ScriptedPerson(),
  });
  const lines: string[] = [];
  const told = report(run, playbook, (line) => lines.push(line), close.signal);
  await vi.waitFor(() => expect(journal.ofAction(run.parts.id).some((entry) => entry.outcome === 'intent')).toBe(true));
  close.abort();
  await told;
  expect(lines[1]).toMatch(/ END \(LEFT, \S+\) ann@desk fix-web web1: restart \(unknown\)$/);
  sent.resolve(bad);
  await run.done;
});

test('dry runs tell nobody, and one that only looked tells nobody unless its playbook asks for it', async () => {
  const look = 'steps: [{ id: look, check: see, host: "{{ node }}" }]\n';
  expect((await walked({ text: `${head}${node}${long}${steps}`, level: 'check' })).lines).toEqual([]);
  expect((await walked({ text: `${head}${node}${look}` })).lines).toEqual([]);
  expect((await walked({ text: `${head}${node}report: { to: ops-log }\n${look}` })).lines).toEqual([expect.stringContaining(' END (ok, ')]);
});

test('a short harmless change is one line, a dangerous one two, and both go to whom the playbook names', async () => {
  const one = (more: string): string =>
    `${head}${node}limits: { timeout: 1m }\nreport: { to: ann@example.org }\nsteps: [{ id: touch, run: touch x, host: "{{ node }}", timeout: 5s, undo: none, why: w${more} }]\n`;
  const short = await walked({ text: one('') });
  expect(short.told).toEqual([[expect.stringMatching(/ END \(ok, \S+\) .*: touch — /), 'ann@example.org']]);
  const danger = await walked({ text: one(', risk: danger') });
  expect(danger.lines).toEqual([expect.stringContaining(' START '), expect.stringContaining(' END ')]);
});

test('the start is told where the run may take more than two minutes by its steps, not by the limit that nobody wrote', async () => {
  const one = (wait: string, more = ''): string =>
    `${head}${node}report: { to: ops-log }\n${more}steps:\n  - { id: touch, run: touch x, host: "{{ node }}", timeout: 30s, undo: none, why: w }\n  - { id: up, wait: see, host: "{{ node }}", timeout: ${wait} }\n`;
  const words = async (text: string): Promise<readonly string[]> => (await walked({ text })).lines.map((line) => line.split(' ')[1] ?? '');
  expect(await words(one('1m'))).toEqual(['END']);
  expect(await words(one('2m'))).toEqual(['START', 'END']);
  expect(await words(one('2m', 'limits: { timeout: 2m }\n'))).toEqual(['END']);
  // How long a catalogue action takes is not in the page, and so the limit holds.
  expect(await words(`${head}${node}report: { to: ops-log }\n${steps}`)).toEqual(['START', 'END']);
});

test('what a loop did again and again is said once', async () => {
  const text = `${head}${node}report: { to: ops-log }\nvars: { hosts: [web1, web2] }\nsteps:\n  - { id: all, each: { var: h, in: hosts, confirm: never }, steps: [{ id: restart, run: "x", host: "{{ h }}", timeout: 5s, undo: none, why: w }] }\n`;
  const { lines } = await walked({ text });
  expect(lines).toEqual([expect.stringMatching(/ END .*: restart \(2 times\) — /)]);
});

test('the lines reach a real webhook and a real mail server, and a run does not wait for one that hangs', async () => {
  const { url, posted } = await httpServer((_, response) => response.end('ok'));
  const { smtp } = await smtpServer(() => null);
  vi.stubEnv('HOOK', url);
  const notifier = notifierFor(fleetThatTells({ webhook: 'HOOK', smtp }));
  const playbook = playbookOf(`${head}${node}${long}${steps}`);
  const run = new Runs(journal).start({
    file: { playbook, text: `${head}${node}${long}${steps}`, file: 'x.yaml' },
    library: noLibrary,
    inputs: { node: 'web1' },
    reason: 'trying it',
    env: 'prod',
    hands: new RecordedHands(new RecordedWorld()),
    person: new ScriptedPerson(),
  });
  await report(run, playbook, (line, to) => notifier.report(line, to));
  await notifier.drain(1500);
  const texts = posted.map(({ body }) => String(JSON.parse(body).text)).join('\n');
  expect(texts).toContain('START ann@desk fix-web web1');
  expect(texts).toContain('depool, restart, repool');
  expect(notifier.status().channels).toMatchObject([{ name: 'webhook', problem: null }, { name: 'mail' }]);
  expect(notifier.status().waiting).toBeGreaterThan(0);
  expect(readFileSync(join(dir, 'ops.log'), 'utf8').split('\n')).toHaveLength(3);
});

test('a question left alone for three minutes is told once, without the run’s secrets', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const world = new RecordedWorld();
  const { nudged } = world;
  const text = `${head}inputs: { node: { type: host }, key: { type: secret } }\nsteps: [{ manual: "Type {{ key }} on {{ node }}" }]\n`;
  const answer = Promise.withResolvers<Answer>();
  const playbook = playbookOf(text);
  const run = new Runs(journal).start({
    file: { playbook, text, file: 'x.yaml' },
    library: noLibrary,
    inputs: { node: 'web1', key: 'hunter2-hunter2' },
    reason: null,
    env: 'prod',
    hands: new RecordedHands(world),
    person: { who: 'ann@desk', attended: true, ask: () => answer.promise },
  });
  await vi.advanceTimersByTimeAsync(179_000);
  expect(nudged).toEqual([]);
  await vi.advanceTimersByTimeAsync(2000);
  expect(nudged).toHaveLength(1);
  expect(nudged[0]).toContain('web1');
  expect(nudged[0]).not.toContain('hunter2');
  await vi.advanceTimersByTimeAsync(600_000);
  expect(nudged).toHaveLength(1);
  answer.resolve({ kind: 'done' });
  await run.done;
});
