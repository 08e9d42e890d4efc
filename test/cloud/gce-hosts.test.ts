import { describe, expect, test } from 'vitest';
import { answeringServer } from './answering-server.ts';
import { allHosts, certificate, gceAccess, scratch, testCloud } from './asking.ts';
import { aggregatedPage, instance } from './gce-answers.ts';

const deadlineMs = 15_000;

describe('hosts of a Google Cloud project', () => {
  test('come from every page and every zone, asked for with partial success, without any of their metadata', async () => {
    const web1 = instance({
      name: 'web1',
      zone: 'us-a',
      ip: '10.0.0.5',
      natIp: '34.1.1.1',
      labels: { env: 'prod' },
      tags: ['web', 'http'],
    });
    const server = await answeringServer(({ query }) =>
      query.get('pageToken') === null
        ? { body: aggregatedPage({ 'us-a': [web1], 'us-b': 'NO_RESULTS_ON_PAGE' }, { nextPageToken: 'second' }) }
        : {
            body: aggregatedPage({
              'us-a': 'NO_RESULTS_ON_PAGE',
              'us-b': [instance({ name: 'web2', zone: 'us-b', status: 'TERMINATED' })],
            }),
          },
    );
    const answer = await testCloud().read(gceAccess(server.url), { ...allHosts, filter: 'labels.fleet=pencilcode' }, { deadlineMs });
    expect(answer).toEqual({
      ok: true,
      value: {
        hosts: [
          {
            id: 'us-a/web1',
            name: 'web1',
            zone: 'us-a',
            resourceGroup: null,
            state: 'running',
            privateAddress: '10.0.0.5',
            publicAddress: '34.1.1.1',
            labels: { env: 'prod' },
            tags: ['web', 'http'],
          },
          expect.objectContaining({ id: 'us-b/web2', state: 'stopped', publicAddress: null }),
        ],
        missing: [],
      },
    });
    expect(JSON.stringify(answer)).not.toContain('canary-of-metadata');
    expect(
      server.asked.map(({ path, query }) => [path, query.get('pageToken'), query.get('returnPartialSuccess'), query.get('filter')]),
    ).toEqual([
      ['/compute/v1/projects/paris-code/aggregated/instances', null, 'true', 'labels.fleet=pencilcode'],
      ['/compute/v1/projects/paris-code/aggregated/instances', 'second', 'true', 'labels.fleet=pencilcode'],
    ]);
  });

  test('name the zones that could not be listed: warned of, unreachable, or not in the answer at all', async () => {
    const page = aggregatedPage(
      { 'us-a': [instance({ name: 'web1', zone: 'us-a' })], 'us-b': 'UNREACHABLE', 'eu-a': 'UNREACHABLE' },
      { unreachables: ['https://www.googleapis.com/compute/v1/projects/paris-code/zones/us-c', 'projects/paris-code/zones/eu-b'] },
    );
    const server = await answeringServer(() => ({ body: page }));
    const cloud = testCloud();
    const all = await cloud.read(gceAccess(server.url), allHosts, { deadlineMs });
    expect(all).toMatchObject({ ok: true, value: { hosts: [{ name: 'web1' }], missing: ['us-b', 'eu-a', 'us-c', 'eu-b'] } });
    const some = await cloud.read(gceAccess(server.url), { ...allHosts, zones: ['us-a', 'us-b', 'us-c', 'us-z'] }, { deadlineMs });
    expect(some).toMatchObject({ ok: true, value: { missing: ['us-b', 'us-c', 'us-z'] } });
  });

  test('of zones that the fleet file does not name are left out', async () => {
    const page = aggregatedPage({ 'us-a': [instance({ name: 'a', zone: 'us-a' })], 'us-b': [instance({ name: 'b', zone: 'us-b' })] });
    const server = await answeringServer(() => ({ body: page }));
    const answer = await testCloud().read(gceAccess(server.url), { ...allHosts, zones: ['us-b'] }, { deadlineMs });
    expect(answer).toMatchObject({ ok: true, value: { hosts: [{ name: 'b' }], missing: [] } });
  });

  test('are made safe for the terminal', async () => {
    const odd = instance({ name: 'web1', zone: 'us-a', labels: { note: '\u001b]0;owned\u0007\u202egnp' } });
    const server = await answeringServer(() => ({ body: aggregatedPage({ 'us-a': [odd] }) }));
    const answer = await testCloud().read(gceAccess(server.url), allHosts, { deadlineMs });
    expect(answer).toMatchObject({ ok: true, value: { hosts: [{ labels: { note: '\\x1b]0;owned\\x07\\u{202e}gnp' } }] } });
  });

  test('are not taken for ever from a server that hands out the same page again and again', async () => {
    const server = await answeringServer(() => ({ body: aggregatedPage({ 'us-a': [] }, { nextPageToken: 'again' }) }));
    const answer = await testCloud().read(gceAccess(server.url), allHosts, { deadlineMs });
    expect(answer).toMatchObject({ ok: false, error: { message: expect.stringContaining('the same page of instances again and again') } });
    expect(server.asked).toHaveLength(2);
  });
});

describe('a private cloud over TLS', () => {
  const token = { kind: 'literal', value: 'canary-token' } as const;

  test('is trusted by the authority that the fleet file names, and by no other', async () => {
    const folder = scratch();
    const own = certificate(folder, 'own');
    const other = certificate(folder, 'other');
    const server = await answeringServer(() => ({ body: aggregatedPage({ 'us-a': [] }) }), own);
    const cloud = testCloud();
    const [right, wrong, none] = await Promise.all([
      cloud.read(gceAccess(server.url, { token, ca: own.file }), allHosts, { deadlineMs }),
      cloud.read(gceAccess(server.url, { token, ca: other.file }), allHosts, { deadlineMs }),
      cloud.read(gceAccess(server.url, { token }), allHosts, { deadlineMs }),
    ]);
    expect(right).toMatchObject({ ok: true });
    for (const answer of [wrong, none]) {
      expect(answer).toMatchObject({ ok: false, error: { kind: 'endpoint', message: expect.stringMatching(/certificate/) } });
    }
    expect(server.asked.map(({ authorization }) => authorization)).toEqual(['Bearer canary-token']);
  });

  test('whose certificate file is not there is not asked without it', async () => {
    const answer = await testCloud().read(gceAccess('https://127.0.0.1:1', { token, ca: '/no/such.pem' }), allHosts, { deadlineMs });
    const message = 'The certificate file /no/such.pem, named as `ca`, does not exist.';
    expect(answer).toEqual({ ok: false, error: { kind: 'endpoint', message, uncertain: false } });
  });
});
