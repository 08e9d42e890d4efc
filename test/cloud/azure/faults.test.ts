import { afterEach, expect, test } from 'vitest';
import { createAzureCalls } from '../../../src/cloud/azure/azure-calls.ts';
import { CloudCallError, type ProviderSession } from '../../../src/cloud/provider-calls.ts';
import { type Answer, type ArmServer, failure, pathOf, type Seen, startArm, within } from './arm-server.ts';

const servers: ArmServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function serve(handler: (request: Seen) => Answer | null): Promise<ArmServer> {
  const server = await startArm(handler);
  servers.push(server);
  return server;
}

/** How listing the machines fails. */
async function failing(session: ProviderSession, ms = 10_000): Promise<CloudCallError> {
  const call = { call: 'hosts' as const, zones: [], filter: null, resourceGroup: 'codalab' };
  const error = await createAzureCalls(session)
    .hosts(call, within(ms), () => {})
    .then(
      () => null,
      (thrown: unknown) => thrown,
    );
  if (!(error instanceof CloudCallError)) throw new Error(`expected a CloudCallError, got ${String(error)}`);
  expect(error.message).not.toContain('\n');
  expect(error.uncertain).toBe(false);
  return error;
}

test('a 429 is waited out as long as the server asks, and the call succeeds', async () => {
  let limited = 0;
  const server = await serve((request) => {
    if (pathOf(request).endsWith('/networkInterfaces') && limited++ === 0)
      return failure(429, 'TooManyRequests', 'slow down', { 'retry-after': '1' });
    return { body: { value: [] } };
  });
  const call = { call: 'hosts' as const, zones: [], filter: null, resourceGroup: null };
  await expect(createAzureCalls(server.session).hosts(call, within(10_000), () => {})).resolves.toEqual({ missing: [] });
  expect(limited).toBe(2);
});

test('a 429 that asks for more than the call has ends it at once, with the wait in the sentence', async () => {
  const server = await serve(() => failure(429, 'TooManyRequests', 'slow down', { 'retry-after': '120' }));
  const error = await failing(server.session);
  expect(error).toMatchObject({ kind: 'rate', retryAfterMs: 120_000 });
  expect(error.message).toContain('120 s');
});

test('an expired token is a matter of credentials, with the way to renew them', async () => {
  const server = await serve(() => failure(401, 'ExpiredAuthenticationToken', 'The access token expiry UTC time is earlier than now.'));
  const error = await failing(server.session);
  expect(error.kind).toBe('credentials');
  expect(error.message).toContain('az login');
});

test('a missing permission is named', async () => {
  const said =
    "The client 'x' with object id 'y' does not have authorization to perform action 'Microsoft.Compute/virtualMachines/read' over scope '/subscriptions/s'.";
  const server = await serve(() => failure(403, 'AuthorizationFailed', said));
  expect(await failing(server.session)).toMatchObject({
    kind: 'permission',
    message: expect.stringContaining('it takes the permission Microsoft.Compute/virtualMachines/read'),
  });
});

test('an unknown resource group is not found', async () => {
  const server = await serve(() => failure(404, 'ResourceGroupNotFound', "Resource group 'codalab' could not be found."));
  expect(await failing(server.session)).toMatchObject({
    kind: 'not-found',
    message: expect.stringContaining("'codalab' could not be found"),
  });
});

test.for([
  ['a page of HTML', '<html>log in first</html>'],
  ['JSON of another shape', { hello: 'world' }],
  ['nothing at all', ''],
])('%s instead of Azure’s answer is a wrong endpoint', async ([, body]) => {
  const server = await serve(() => ({ body }));
  expect(await failing(server.session)).toMatchObject({ kind: 'endpoint', message: expect.stringContaining(server.base) });
});

test('a server that never answers costs no more than the deadline', async () => {
  const server = await serve(() => ({ body: null }));
  expect(await failing(server.session, 700)).toMatchObject({ kind: 'deadline' });
});

test('a second page that never comes is bound by the deadline as well', async () => {
  const server: ArmServer = await serve((request) =>
    request.url.includes('page=2')
      ? { body: null }
      : { body: { value: [], nextLink: `${server.base}${pathOf(request)}?page=2&api-version=1` } },
  );
  expect(await failing(server.session, 700)).toMatchObject({ kind: 'deadline' });
});

test('an endpoint where nothing listens, and one whose certificate nobody vouches for, are told apart', async () => {
  const server = await serve(() => ({ body: { value: [] } }));
  const untrusted = await failing({ ...server.session, ca: null });
  expect(untrusted).toMatchObject({ kind: 'endpoint', message: expect.stringContaining('`ca`') });
  const gone = await failing({ ...server.session, endpoint: 'https://127.0.0.1:9' }, 1_500);
  expect(['endpoint', 'deadline']).toContain(gone.kind);
});

test('no answer shows the token', async () => {
  const server = await serve((request) => failure(400, 'BadRequest', `you sent ${request.headers['user-agent'] ?? ''}`));
  expect((await failing(server.session)).message).not.toContain('stub-token');
});
