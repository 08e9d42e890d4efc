import { describe, expect, test } from 'vitest';
import { faultsOf, fleetOf } from './fixture.ts';

const file = '/etc/fleets/test.yaml';
const inventory = 'fleet: asked\ninventory: [{ static: [{ name: one, role: web, labels: { env: prod } }] }]\n';

describe('what a file asks for by name', () => {
  test('is put in wherever text, a number or a duration belongs', () => {
    const fleet = fleetOf(
      `${inventory}ssh: { user: { env: LOGIN }, port: { env: SSH_PORT }, agent: { env: AGENT } }
checks: { page: { on: web, http: { env: PAGE }, every: { env: EVERY } } }
backups: { copy: { on: web, watch: { env: COPY } } }
`,
      file,
      { LOGIN: 'ops', SSH_PORT: '2222', AGENT: 'false', PAGE: 'https://example.org/a', EVERY: '3m', COPY: '/srv/copy' },
    );
    expect(fleet.ssh).toMatchObject({ user: 'ops', port: 2222, agent: false });
    expect(fleet.checks).toMatchObject([{ url: 'https://example.org/a', everyMs: 180_000 }]);
    expect(fleet.backups).toMatchObject([{ options: { watch: '/srv/copy' } }]);
  });

  test('a text of digits stays text where text belongs', () => {
    expect(fleetOf(`${inventory}title: { env: TITLE }\n`, file, { TITLE: '42' }).title).toBe('42');
  });

  test('each variable that is not set is one sentence at its place, with what to do, and nothing else is wrong', () => {
    const text = `${inventory}ssh: { user: { env: LOGIN } }
checks:
  page: { on: web, http: { env: PAGE } }
services:
  nginx: { on: web, manager: systemd, verify: [page] }
`;
    expect(faultsOf(text, { LOGIN: '' })).toEqual([
      '3:14 ssh.user is asked for by name, and the environment variable LOGIN is empty. Find out what it is here and run: export LOGIN=VALUE',
      '5:26 checks.page.http is asked for by name, and the environment variable PAGE is not set. Find out what it is here and run: export PAGE=VALUE',
    ]);
  });

  test('what a source needs to list its hosts is asked for at the start, a secret only when it is used', () => {
    const text = `fleet: asked
inventory:
  - azure: { subscription: { env: SUBSCRIPTION }, resourceGroup: { env: GROUP }, token: { env: TOKEN } }
notify: { webhook: { env: HOOK } }
`;
    expect(faultsOf(text, { GROUP: 'codalab' })).toEqual([
      '3:28 inventory[0].azure.subscription is asked for by name, and the environment variable SUBSCRIPTION is not set. Find out what it is here and run: export SUBSCRIPTION=VALUE',
    ]);
    expect(fleetOf(text, file, { GROUP: 'codalab', SUBSCRIPTION: 'x' }).sources).toMatchObject([
      { subscription: { kind: 'env', name: 'SUBSCRIPTION' } },
    ]);
  });

  test('a value that does not fit its place is told as if it stood in the file', () => {
    expect(faultsOf(`${inventory}poll: { every: { env: EVERY } }\n`, { EVERY: 'often' })).toEqual([
      '3:16 poll.every must be a duration such as 500ms, 5s, 3m, 2h or 7d, longer than nothing, not "often".',
    ]);
  });

  test('a map of the file’s own with a key called env is no question', () => {
    expect(fleetOf(inventory, file, { prod: 'changed' }).sources).toMatchObject([{ hosts: [{ labels: { env: 'prod' } }] }]);
  });
});
