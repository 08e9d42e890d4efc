import { expect, test } from 'vitest';
import { dependenciesOf, dependentsOf } from '../../src/fleet/depends.ts';

const depends = new Map([
  ['lb', ['web']],
  ['web', ['cache', 'nfs']],
  ['cache', ['nfs']],
]);

test('what a role depends on is told nearest first', () => {
  expect(dependenciesOf({ depends }, 'lb')).toEqual(['web', 'cache', 'nfs']);
  expect(dependenciesOf({ depends }, 'nfs')).toEqual([]);
});

test('who depends on a role is told nearest first', () => {
  expect(dependentsOf({ depends }, 'nfs')).toEqual(['web', 'cache', 'lb']);
});

test('a circle ends and never names the role itself', () => {
  const circle = new Map([
    ['a', ['b']],
    ['b', ['a']],
  ]);
  expect(dependenciesOf({ depends: circle }, 'a')).toEqual(['b']);
  expect(dependentsOf({ depends: circle }, 'a')).toEqual(['b']);
});
