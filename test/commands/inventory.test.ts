import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect, test } from 'vitest';
import * as z from 'zod';
import { answeringServer, silence } from '../cloud/answering-server.ts';
import { certificate, scratch } from '../cloud/asking.ts';
import { aggregatedPage, instance } from '../cloud/gce-answers.ts';
import { inventorySchema, parsed } from './contract.ts';
import { buildProgram, ended, quarterdeck, startProgram } from './program.ts';

const source = z.object({ name: z.string(), ok: z.boolean(), error: z.string().nullable(), missing: z.array(z.string()) });
const withMissing = inventorySchema.extend({ sources: z.array(source) });

beforeAll(buildProgram);

test('inventory lists clouds by the bundled program: one that is silent, killed or talks nonsense costs no other anything', async () => {
  const home = scratch();
  const trusted = certificate(home, 'private-cloud');
  writeFileSync(join(home, 'token'), 'canary-token\n', { mode: 0o600 });
  const good = await answeringServer(
    ({ query }) =>
      query.get('pageToken') === null
        ? {
            body: aggregatedPage(
              {
                'us-central1-a': [instance({ name: 'vm-clws-prod-server-01', zone: 'us-central1-a', ip: '10.0.0.5', tags: ['webserver'] })],
                'us-central1-b': 'UNREACHABLE',
              },
              { nextPageToken: 'p2' },
            ),
          }
        : {
            body: aggregatedPage({
              'us-central1-c': [instance({ name: 'nfs1', zone: 'us-central1-c', ip: null, status: 'TERMINATED', labels: { env: 'prod' } })],
            }),
          },
    trusted,
  );
  const silent = await answeringServer(() => silence);
  const doomed = await answeringServer(() => silence, trusted);
  const nonsense = await answeringServer(() => ({ raw: '<html>Welcome to the hotel’s network</html>' }));
  const fleet = join(home, 'fleet.yaml');
  const inventory = [
    {
      gce: { project: 'good', endpoint: good.url, ca: trusted.file, token: { file: join(home, 'token') } },
      role: { web: 'tag:webserver' },
      name: '^vm-clws-(?<env>\\w+)-(?<role>\\w+)-(?<index>\\d+)$',
    },
    { gce: { project: 'silent', endpoint: silent.url }, deadline: '5s' },
    { gce: { project: 'doomed', endpoint: doomed.url, ca: trusted.file, token: 'other-token' }, deadline: '20s' },
    { gce: { project: 'nonsense', endpoint: nonsense.url } },
    { static: [{ name: 'web9', address: '127.0.0.1' }] },
  ];
  writeFileSync(fleet, JSON.stringify({ fleet: 'clouds', inventory, environments: { prod: { match: { label: 'env=prod' } } } }));

  const program = startProgram(['--fleet', fleet, 'inventory', '--json'], { home });
  const end = ended(program);
  while (doomed.asked.length === 0) await sleep(20);
  // Two children trust the private cloud: the one that lists `good` has ended or will, the one that stays is the doomed one.
  for (let kept: number[] = []; kept.length === 0; await sleep(50)) {
    kept = good.asked.length < 2 ? [] : childrenOf(program.pid ?? 0).filter((pid) => read(pid, 'environ').includes(trusted.file));
    if (kept.length !== 1) kept = [];
    for (const pid of kept) process.kill(pid, 'SIGKILL');
  }
  const { status, stdout, stderr } = await end;

  expect(stderr).toBe('');
  expect(status).toBe(3);
  const { hosts, sources } = parsed(withMissing, stdout);
  expect(hosts).toEqual([
    {
      id: 'gce:good/us-central1-a/vm-clws-prod-server-01',
      name: 'vm-clws-prod-server-01',
      role: 'web',
      env: 'prod',
      zone: 'us-central1-a',
      address: '10.0.0.5',
      ssh: { user: null, port: null },
      labels: { index: '01' },
      provider: 'gce',
      source: 'gce:good',
      cloudState: 'running',
    },
    expect.objectContaining({ name: 'nfs1', role: null, env: 'prod', address: null, cloudState: 'stopped' }),
    expect.objectContaining({ name: 'web9' }),
  ]);
  expect(sources.map(({ name, ok, error, missing }) => ({ name, ok, error, missing }))).toEqual([
    { name: 'gce:good', ok: false, error: 'Could not list us-central1-b.', missing: ['us-central1-b'] },
    { name: 'gce:silent', ok: false, error: expect.stringMatching(/did not answer (in time|within 5 s)/), missing: [] },
    {
      name: 'gce:doomed',
      ok: false,
      error: 'The helper process for Google Compute Engine ended before it answered by SIGKILL.',
      missing: [],
    },
    {
      name: 'gce:nonsense',
      ok: false,
      error: expect.stringMatching(/^The API at .* answered with what is no answer of Google’s API\./),
      missing: [],
    },
    { name: 'static', ok: true, error: null, missing: [] },
  ]);
  expect(good.asked.map(({ authorization }) => authorization)).toEqual(['Bearer canary-token', 'Bearer canary-token']);
  expect(stdout).not.toMatch(/canary/);
});

test('inventory without its cloud shows the hosts of the last good list with their age', async () => {
  const home = scratch();
  const fleet = join(home, 'fleet.yaml');
  let told: object = aggregatedPage({ a: [instance({ name: 'web1', zone: 'a' })] });
  let status = 200;
  const server = await answeringServer(() => ({ status, body: told }));
  writeFileSync(fleet, JSON.stringify({ fleet: 'clouds', inventory: [{ gce: { project: 'p', endpoint: server.url } }] }));
  expect(await quarterdeck(['--fleet', fleet, 'inventory', '--json'], { home })).toMatchObject({ status: 0, stderr: '' });
  status = 401;
  told = { error: { code: 401, message: 'Invalid Credentials', errors: [{ reason: 'authError' }] } };
  const again = await quarterdeck(['--fleet', fleet, 'inventory', '--json'], { home });
  expect(again.status).toBe(3);
  const { hosts, sources } = parsed(inventorySchema, again.stdout);
  expect(hosts).toMatchObject([{ name: 'web1', cloudState: 'running' }]);
  expect(sources).toMatchObject([{ name: 'gce:p', ok: false, ageMs: expect.any(Number), error: expect.stringContaining('401') }]);
});

function read(pid: number, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'latin1');
  } catch {
    return '';
  }
}

function childrenOf(pid: number): number[] {
  try {
    const tasks = readdirSync(`/proc/${pid}/task`);
    return tasks.flatMap((task) => read(pid, `task/${task}/children`).split(/\s+/).filter(Boolean).map(Number));
  } catch {
    return [];
  }
}
