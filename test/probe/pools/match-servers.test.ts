import { expect, test } from 'vitest';
import { addressAlone, matchServers } from '../../../src/probe/pools/match-servers.ts';
import { notesIn, poolNoteKey, withNotes } from '../../../src/probe/pools/notes.ts';
import { unknownMember } from '../../../src/fleet/pool.ts';
import { hostOf } from '../../health/fixture.ts';

const web1 = { ...hostOf('web1', 'web'), id: 'a/web1', address: '10.0.0.1' };
const web2 = {
  ...hostOf('web2', 'web'),
  id: 'a/web2',
  address: 'web2.example.org',
  labels: { private_ip: '10.0.0.2', gateway: '10.0.0.3' },
};
const server = (name: string, ...addresses: readonly string[]): { name: string; addresses: readonly string[] } => ({ name, addresses });

test('a host is the server of its name, else the one of its address or of a private address that its source keeps', () => {
  const found = matchServers([web1, web2], [server('web1', '10.9.9.9:80'), server('s2', '10.0.0.2:80'), server('s3', '10.0.0.3:80')]);
  expect(found.get('a/web1')).toMatchObject({ kind: 'one', server: { name: 'web1' } });
  expect(found.get('a/web2')).toMatchObject({ kind: 'one', server: { name: 's2' } });
});

test('a server that carries the name of one host is never another by its address', () => {
  const found = matchServers([web1, web2], [server('web2', '10.0.0.1:80')]);
  expect([found.get('a/web1')?.kind, found.get('a/web2')?.kind]).toEqual(['none', 'one']);
});

test('two hosts of one name and two servers of one address are unclear', () => {
  const twin = { ...web1, id: 'b/web1' };
  expect([...matchServers([web1, twin], [server('web1')]).values()].map(({ kind }) => kind)).toEqual(['unclear', 'unclear']);
  expect(matchServers([web1], [server('x', '10.0.0.1:80'), server('y', '10.0.0.1:81')]).get('a/web1')).toEqual({
    kind: 'unclear',
    why: '2 servers fit it (x, y)',
  });
});

test.each([
  ['10.0.0.1:80', '10.0.0.1'],
  ['[FE80::1]:80', 'fe80::1'],
  ['fe80::1', 'fe80::1'],
  ['[::ffff:10.0.0.1]:80', '10.0.0.1'],
  ['Web1:80', 'web1'],
])('%s is the address %s', (text, address) => expect(addressAlone(text)).toBe(address));

test('a note belongs to exactly one member of one pool, whatever their names, and the newest counts', () => {
  const names = ['a b', 'a-b', 'é', 'ö', '../x', 'x'.repeat(500)];
  const keys = names.flatMap((pool) => names.map((host) => poolNoteKey(pool, host)));
  expect(new Set(keys).size).toBe(keys.length);
  for (const key of keys) expect(key).toMatch(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,120}$/);
  const line = (at: number): string => `#note ${poolNoteKey('web', 'a/web1')} {"who":"u${at}@d","reason":null,"at":${at},"actionId":"x"}\n`;
  const notes = notesIn('web', [web1, web2], [line(2), line(1)]);
  expect([...notes]).toEqual([['a/web1', { who: 'u2@d', reason: null, at: 2, actionId: 'x' }]]);
  const out = { ...unknownMember('a/web1'), state: 'out' as const };
  expect(
    withNotes([out, { ...out, state: 'in' }, { ...out, hostId: 'a/web2' }], notes).map(({ takenOutBy }) => takenOutBy?.who ?? null),
  ).toEqual(['u2@d', null, null]);
});
