import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { CloudAnswer } from '../../src/cloud/calls.ts';
import { answeringServer, silence } from './answering-server.ts';
import { allHosts, gceAccess, scratch, testCloud } from './asking.ts';
import { aggregatedPage, instance } from './gce-answers.ts';

const deadlineMs = 10_000;
const snapshots = { call: 'snapshots', disk: { kind: 'gce-disk', zone: 'us-a', disk: 'nfs-data' } } as const;
const remove = { call: 'snapshot-delete', disk: snapshots.disk, name: 's1' } as const;

/** A child that reads a request and then does as `text` says; `id` is the request's. */
function childThat(text: string): string {
  const path = join(scratch(), 'child.mjs');
  const read = `import { createInterface } from 'node:readline';
const say = (line) => process.stdout.write(JSON.stringify(line) + '\\n');
const lines = createInterface({ input: process.stdin });
lines.on('close', () => process.exit(0));
lines.on('line', (line) => { const { id } = JSON.parse(line); ${text} });\n`;
  writeFileSync(path, read);
  return path;
}

const host = JSON.stringify({
  id: 'a/web1',
  name: 'web1',
  zone: 'a',
  resourceGroup: null,
  state: 'running',
  privateAddress: null,
  publicAddress: null,
  labels: {},
  tags: [],
});

describe('a child process that misbehaves fails its own request in one sentence', () => {
  test.each([
    ['prints garbage', 'process.stdout.write("Warning: something\\n")', 'wrote what is no answer'],
    ['prints JSON that is no answer', 'say({ id, hosts: 3 })', 'wrote what is no answer'],
    ['answers what nobody asked', 'say({ id: id + 7, value: { missing: [] } })', 'wrote what is no answer'],
    ['answers with the wrong thing', 'say({ id, value: { missing: "zone" } })', 'wrote what is no answer'],
    [
      'crashes',
      'process.stderr.write("\\nFATAL \\u001b[31mERROR: heap\\nmore\\n", () => process.exit(3))',
      'with code 3: FATAL \\x1b[31mERROR: heap.',
    ],
    ['is killed', 'process.kill(process.pid, "SIGKILL")', 'by SIGKILL'],
    [
      'stops in the middle of the list',
      `process.stdout.write('{"id":' + id + ',"host":${host}}\\n', () => process.exit(0))`,
      'with code 0',
    ],
    [
      'writes a line without an end',
      'const on = () => { while (process.stdout.write("x".repeat(65536))); process.stdout.once("drain", on); }; on()',
      'too long a line',
    ],
  ])('when it %s', async (_, text, said) => {
    const answer = await testCloud({ program: childThat(text) }).read(gceAccess(null), allHosts, { deadlineMs });
    expect(answer).toMatchObject({ ok: false, error: { kind: 'broken', message: expect.stringContaining(said), uncertain: false } });
    expect(answer.ok ? '' : answer.error.message).toMatch(/^The helper process for Google Compute Engine .*\.$/);
  });

  test('when it hangs: it is killed at the deadline', async () => {
    const cloud = testCloud({ program: childThat('for (;;);') });
    const asked = cloud.read(gceAccess(null), allHosts, { deadlineMs: 1500 });
    const [pid] = await untilChildren(1);
    const message = 'Google Compute Engine did not answer within 1.5 s.';
    expect(await asked).toEqual({ ok: false, error: { kind: 'deadline', message, uncertain: false } });
    await untilGone(pid);
  });

  test('and says of a change that it may have happened all the same', async () => {
    const answer = await testCloud({ program: childThat('process.exit(1)') }).write(gceAccess(null), remove, { deadlineMs });
    expect(answer).toMatchObject({ ok: false, error: { kind: 'broken', uncertain: true } });
  });

  test('while others, before it, beside it and after it, are answered', async () => {
    const good = childThat(`say({ id, host: ${host} }); say({ id, value: { missing: [] } })`);
    const bad = testCloud({ program: childThat('for (;;);') });
    const cloud = testCloud({ program: good });
    const hung = bad.read(gceAccess(null), allHosts, { deadlineMs: 1500 });
    const answers = await Promise.all([
      cloud.read(gceAccess(null), allHosts, { deadlineMs }),
      cloud.read(gceAccess(null), allHosts, { deadlineMs }),
    ]);
    for (const answer of answers) expect(answer).toMatchObject({ ok: true, value: { hosts: [{ name: 'web1' }] } });
    expect(await hung).toMatchObject({ ok: false });
  });

  test('and whose token stands in its words is not quoted with it', async () => {
    const program = childThat("process.stderr.write('no: canary-token\\n', () => process.exit(1))");
    const access = gceAccess(null, { token: { kind: 'literal', value: 'canary-token' } });
    const answer = await testCloud({ program }).read(access, allHosts, { deadlineMs });
    expect(answer).toMatchObject({ ok: false, error: { message: expect.stringContaining('no: [secret]') } });
  });
});

describe('a child process in use', () => {
  test('ends with its listing', async () => {
    const cloud = testCloud({ program: childThat('say({ id, value: { missing: [] } })') });
    const asked = cloud.read(gceAccess(null), allHosts, { deadlineMs });
    const [pid] = await untilChildren(1);
    expect(await asked).toMatchObject({ ok: true });
    await untilGone(pid);
  });

  test('serves the next question about a pool too, and ends when nobody asks any more', async () => {
    const program = childThat(
      'say({ id, value: { snapshots: [{ name: String(process.pid), at: 1, state: "ready", bytes: null, pct: null }] } })',
    );
    const cloud = testCloud({ program, idleMs: 300 });
    const pids = [
      await pidSaid(cloud.read(gceAccess(null), snapshots, { deadlineMs })),
      await pidSaid(cloud.read(gceAccess(null), snapshots, { deadlineMs })),
    ];
    expect(pids[0]).toBe(pids[1]);
    await untilGone(pids[0]);
    expect(await pidSaid(cloud.read(gceAccess(null), snapshots, { deadlineMs }))).not.toBe(pids[0]);
  });

  test('is not shared by two accesses', async () => {
    const program = childThat(
      'say({ id, value: { snapshots: [{ name: String(process.pid), at: 1, state: "ready", bytes: null, pct: null }] } })',
    );
    const cloud = testCloud({ program });
    const one = await pidSaid(cloud.read(gceAccess(null), snapshots, { deadlineMs }));
    const other = await pidSaid(cloud.read(gceAccess(null, { scope: { kind: 'literal', value: 'other' } }), snapshots, { deadlineMs }));
    expect(one).not.toBe(other);
  });

  test('is ended when its question is given up', async () => {
    const cloud = testCloud({ program: childThat('setInterval(() => {}, 1000)') });
    const stop = new AbortController();
    const asked = cloud.read(gceAccess(null), allHosts, { deadlineMs, signal: stop.signal });
    const [pid] = await untilChildren(1);
    stop.abort();
    expect(await asked).toMatchObject({ ok: false, error: { kind: 'deadline' } });
    await untilGone(pid);
  });

  test('is ended by closing, and nothing is asked after it', async () => {
    const cloud = testCloud({ program: childThat('setInterval(() => {}, 1000)') });
    const asked = cloud.read(gceAccess(null), allHosts, { deadlineMs });
    const [pid] = await untilChildren(1);
    await cloud.close();
    expect(await asked).toMatchObject({ ok: false, error: { message: expect.stringContaining('was ended with the console') } });
    await untilGone(pid);
    expect(await cloud.read(gceAccess(null), allHosts, { deadlineMs })).toMatchObject({
      ok: false,
      error: { message: 'The console is closing.' },
    });
  });
});

describe('the real child process', () => {
  test('has the token neither in its arguments nor in its environment', async () => {
    const server = await answeringServer(() => silence);
    const env = { ...process.env, QD_TEST_TOKEN: 'canary-token-in-env' };
    const access = gceAccess(server.url, { token: { kind: 'env', name: 'QD_TEST_TOKEN' } });
    const asked = testCloud({ env }).read(access, allHosts, { deadlineMs: 4000 });
    const [pid] = await untilChildren(1);
    while (server.asked.length === 0) await sleep(20);
    expect(server.asked[0]?.authorization).toBe('Bearer canary-token-in-env');
    const seen = ['cmdline', 'environ'].map((name) => readFileSync(`/proc/${pid}/${name}`, 'latin1'));
    expect(seen[0]).toContain('gce');
    expect(seen[1]).toContain('PATH=');
    for (const text of seen) expect(text).not.toContain('canary-token');
    await asked;
  });

  test('ends when the console is killed, and the console itself never loads the SDK', async () => {
    const web1 = instance({ name: 'web1', zone: 'us-a' });
    const server = await answeringServer(({ path }) =>
      path.endsWith('/aggregated/instances') ? { body: aggregatedPage({ 'us-a': [web1] }) } : silence,
    );
    const module = fileURLToPath(new URL('../../src/cloud/create-cloud.ts', import.meta.url));
    const script = join(scratch(), 'console.mjs');
    writeFileSync(
      script,
      `import { registerHooks } from 'node:module';
const loaded = [];
registerHooks({ load: (url, context, next) => { loaded.push(url); return next(url, context); } });
const { createCloud } = await import(${JSON.stringify(module)});
const cloud = createCloud();
const access = ${JSON.stringify(gceAccess(server.url))};
const before = process.memoryUsage().rss;
const answer = await cloud.read(access, ${JSON.stringify(allHosts)}, { deadlineMs: 10000 });
const grown = process.memoryUsage().rss - before;
void cloud.read(access, ${JSON.stringify(snapshots)}, { deadlineMs: 60000 });
process.stdout.write(JSON.stringify({ answer, loaded, grown }) + '\\n');`,
    );
    const console = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] });
    onTestFinished(() => void console.kill('SIGKILL'));
    const said = JSON.parse(await firstLine(console.stdout)) as { answer: CloudAnswer<typeof allHosts>; loaded: string[]; grown: number };
    expect(said.answer).toMatchObject({ ok: true, value: { hosts: [{ name: 'web1' }] } });
    expect(said.loaded.length).toBeGreaterThan(5);
    expect(said.loaded.filter((url) => /node_modules\/.*(google|azure|gax|protobuf)/.test(url))).toEqual([]);
    expect(said.grown).toBeLessThan(40 * 1024 * 1024);
    while (server.asked.every(({ path }) => !path.endsWith('/snapshots'))) await sleep(20);
    const children = childrenOf(console.pid ?? 0);
    expect(children.length).toBeGreaterThan(0);
    console.kill('SIGKILL');
    for (const pid of children) await untilGone(pid);
  });
});

async function pidSaid(asked: Promise<CloudAnswer<typeof snapshots>>): Promise<number> {
  const answer = await asked;
  if (!answer.ok) throw new Error(answer.error.message);
  return Number(answer.value.snapshots[0]?.name);
}

function childrenOf(pid: number): number[] {
  const tasks = existsSync(`/proc/${pid}/task`) ? readdirSync(`/proc/${pid}/task`) : [];
  const text = tasks.map((task) => readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8')).join(' ');
  return text.split(/\s+/).filter(Boolean).map(Number);
}

async function untilChildren(count: number): Promise<number[]> {
  for (;;) {
    const children = childrenOf(process.pid);
    if (children.length >= count) return children;
    await sleep(10);
  }
}

/** A process that has ended but was not yet waited for counts as gone. */
async function untilGone(pid: number | undefined): Promise<void> {
  while (existsSync(`/proc/${pid}/stat`) && !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'))) await sleep(20);
}

async function firstLine(stream: AsyncIterable<Buffer>): Promise<string> {
  let text = '';
  for await (const chunk of stream) {
    text += chunk.toString('utf8');
    if (text.includes('\n')) break;
  }
  return text.split('\n', 1)[0] ?? '';
}
