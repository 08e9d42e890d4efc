import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createCloud } from '../../src/cloud/create-cloud.ts';
import { type AnsweringServer, silence, startAnswering, type Told } from './answering-server.ts';
import { allHosts, gceAccess, scratch, testCloud } from './asking.ts';
import { failure } from './gce-answers.ts';

const deadlineMs = 15_000;
const snapshots = { call: 'snapshots', disk: { kind: 'gce-disk', zone: 'us-a', disk: 'nfs-data' } } as const;
const good: Told = { body: { kind: 'compute#snapshotList', items: [] } };
const token = { kind: 'literal', value: 'canary-token' } as const;

describe('a question to Google that meets trouble', () => {
  const cloud = createCloud();
  let server: AnsweringServer;
  let tell: (turn: number) => Told = () => good;

  beforeAll(async () => {
    server = await startAnswering((_, turn) => tell(turn));
  });
  afterAll(async () => {
    await cloud.close();
    await server.stop();
  });

  function ask(told: (turn: number) => Told, forMs = deadlineMs) {
    server.asked.length = 0;
    tell = told;
    return cloud.read(gceAccess(server.url, { token }), snapshots, { deadlineMs: forMs });
  }

  test.each<[string, Told, number]>([
    [
      'a used-up quota (403)',
      { status: 403, body: failure(403, 'rateLimitExceeded', "Quota exceeded for quota metric 'Read requests'.") },
      0,
    ],
    [
      'too many requests (429)',
      { status: 429, headers: { 'retry-after': '1' }, body: failure(429, 'rateLimitExceeded', 'Slow down.') },
      990,
    ],
    ['a server in trouble (503)', { status: 503, raw: '<html><title>503</title></html>' }, 0],
  ])('%s is waited for, as long as it says, and asked again', async (_, trouble, waitMs) => {
    const at: number[] = [];
    const answer = await ask((turn) => {
      at.push(performance.now());
      return turn === 0 ? trouble : good;
    });
    expect(answer).toEqual({ ok: true, value: { snapshots: [] } });
    expect((at.at(-1) ?? 0) - (at[0] ?? 0)).toBeGreaterThanOrEqual(waitMs);
  });

  test('a quota that stays used up is told as that, not as a deadline', async () => {
    const answer = await ask(() => ({ status: 403, body: failure(403, 'rateLimitExceeded', 'Quota exceeded.') }), 3000);
    const message =
      'The request quota of project paris-code is used up (403 rateLimitExceeded); wait a minute, or raise the quota of the Compute Engine API.';
    expect(answer).toEqual({ ok: false, error: { kind: 'rate', message, uncertain: false } });
    expect(server.asked.length).toBeGreaterThan(2);
  });

  test('a Retry-After beyond the deadline is not waited for', async () => {
    const answer = await ask(() => ({ status: 429, headers: { 'retry-after': '600' }, body: failure(429, 'rateLimitExceeded', 'Slow.') }));
    expect(answer).toMatchObject({ ok: false, error: { kind: 'rate' } });
    expect(server.asked).toHaveLength(1);
  });

  const doing = 'list the snapshots of disk nfs-data';
  test.each([
    [
      [401, 'authError', 'Invalid Credentials'],
      'credentials',
      'Google rejected the credentials (401): they are wrong or have expired; renew the token that the fleet file names.',
    ],
    [
      [403, 'forbidden', "Required 'compute.snapshots.list' permission for 'projects/paris-code'"],
      'permission',
      `These credentials may not ${doing}: the permission compute.snapshots.list is missing.`,
    ],
    [
      [403, 'accessNotConfigured', 'Compute Engine API has not been used in project 1 before or it is disabled.'],
      'permission',
      'The Compute Engine API is not enabled in project paris-code; enable it there.',
    ],
    [
      [404, 'notFound', "The resource 'projects/paris-code' was not found"],
      'not-found',
      `Could not ${doing}: The resource 'projects/paris-code' was not found.`,
    ],
    [[400, 'invalid', "Invalid value for field 'filter'"], 'other', `Could not ${doing}: Invalid value for field 'filter'.`],
  ] as const)('%j is one sentence and is not asked again', async ([status, reason, said], kind, message) => {
    const answer = await ask(() => ({ status, body: failure(status, reason, said) }));
    expect(answer).toEqual({ ok: false, error: { kind, message, uncertain: false } });
    expect(new Set(server.asked.map(({ authorization }) => authorization))).toEqual(new Set(['Bearer canary-token']));
    // The auth library itself repeats a rejected request once, with the credentials made anew.
    expect(server.asked.length).toBeLessThanOrEqual(2);
  });

  test('an answer that is none of Google’s, or of another shape, is said as that', async () => {
    const page = await ask(() => ({ raw: '<html>Welcome to the hotel’s network</html>' }));
    expect(page).toMatchObject({
      ok: false,
      error: { kind: 'endpoint', message: expect.stringContaining('is no answer of Google’s API') },
    });
    const made = { call: 'snapshot-create', disk: snapshots.disk, name: 's', requestId: 'r' } as const;
    tell = () => ({ body: { kind: 'compute#operation', status: 'DONE' } });
    const shape = await cloud.write(gceAccess(server.url, { token }), made, { deadlineMs });
    expect(shape).toMatchObject({
      ok: false,
      error: { kind: 'other', message: expect.stringMatching(/in a shape that is not known here/) },
    });
  });

  test('silence ends before the deadline with the name of who was silent, and the next question is answered', async () => {
    const answer = await ask(() => silence, 3000);
    const where = server.url.slice('http://'.length);
    const message = `The API at ${where} did not answer in time when it was asked to ${doing}.`;
    expect(answer).toEqual({ ok: false, error: { kind: 'deadline', message, uncertain: false } });
    expect(await ask(() => good)).toMatchObject({ ok: true });
  });
});

describe('an API that is not there', () => {
  test('is said at once when nobody listens on its port', async () => {
    const answer = await testCloud().read(gceAccess('http://127.0.0.1:1'), allHosts, { deadlineMs });
    const message = 'The API at 127.0.0.1:1 refused the connection; is it running there, and is the endpoint in the fleet file right?';
    expect(answer).toEqual({ ok: false, error: { kind: 'endpoint', message, uncertain: false } });
  });

  test('is said when its name does not resolve', async () => {
    const answer = await testCloud().read(gceAccess('https://nowhere.invalid', { token }), allHosts, { deadlineMs: 4000 });
    expect(answer).toMatchObject({
      ok: false,
      error: { kind: 'endpoint', message: expect.stringMatching(/^The API at nowhere.invalid has a name/) },
    });
  });

  test('cannot have a path, which the SDK would drop', async () => {
    const answer = await testCloud().read(gceAccess('http://127.0.0.1:1/base'), allHosts, { deadlineMs });
    expect(answer).toMatchObject({ ok: false, error: { kind: 'endpoint', message: expect.stringContaining('has a path') } });
  });
});

describe('credentials', () => {
  test('that are nowhere on the machine are said with the remedy', async () => {
    const env = { PATH: process.env['PATH'], HOME: scratch(), METADATA_SERVER_DETECTION: 'none' };
    const answer = await testCloud({ env }).read(gceAccess(null), allHosts, { deadlineMs });
    const message =
      'No Google credentials were found on this machine; run "gcloud auth application-default login", or name a token in the fleet file.';
    expect(answer).toEqual({ ok: false, error: { kind: 'credentials', message, uncertain: false } });
  });

  test('never go unencrypted to another machine', async () => {
    const answer = await testCloud().read(gceAccess('http://192.0.2.1', { token }), allHosts, { deadlineMs });
    const message = 'The token would go to http://192.0.2.1 unencrypted; use https, or leave the token out.';
    expect(answer).toEqual({ ok: false, error: { kind: 'endpoint', message, uncertain: false } });
  });

  test('in a variable that is not set are named', async () => {
    const access = gceAccess('http://127.0.0.1:1', { token: { kind: 'env', name: 'NO_SUCH_TOKEN' } });
    const answer = await testCloud().read(access, allHosts, { deadlineMs });
    const message = 'The environment variable NO_SUCH_TOKEN, which the fleet file names, is not set.';
    expect(answer).toEqual({ ok: false, error: { kind: 'credentials', message, uncertain: false } });
  });
});
