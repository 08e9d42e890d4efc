import { expect, test } from 'vitest';
import { readInputs } from '../../src/playbook/inputs.ts';
import type { Input } from '../../src/playbook/playbook.ts';

const input = (name: string, type: Input['type'], more: Partial<Input> = {}): Input => ({
  name,
  type,
  from: null,
  choices: [],
  fallback: null,
  pattern: null,
  min: null,
  max: null,
  help: null,
  optional: false,
  ...more,
});
const hosts = (): readonly string[] => ['web1', 'web2'];

test.each<[Input, string, string | RegExp]>([
  [input('node', 'host', { from: 'web' }), 'web3', /"web3" is no host of web\. .*web[12]/],
  [input('nodes', 'hosts'), ' , ', 'names no host; an empty set is never "all"'],
  [input('nodes', 'hosts'), 'web1,db9', /"db9" is no host in this fleet/],
  [input('count', 'int', { min: 1, max: 4 }), '5', 'must have from 1 to 4'],
  [input('count', 'int'), '1.5', 'must be a whole number'],
  [input('count', 'number'), 'many', 'must be a number, not "many"'],
  [input('sure', 'bool'), 'maybe', 'must be yes or no'],
  [input('way', 'choice', { choices: ['a', 'b'] }), 'c', 'must be one of a, b'],
  [input('ttl', 'duration'), 'soon', /duration such as/],
  [input('page', 'url'), 'here', /address such as/],
  [input('reason', 'text', { min: 8 }), 'short', 'must have at least 8 characters'],
  [input('reason', 'text'), 'two\nlines', 'must be one line'],
  [input('tag', 'text', { pattern: /^v\d+$/u }), 'x', 'must match ^v\\d+$'],
  [input('reason', 'text', { help: 'one line' }), '', 'is needed (one line)'],
])('a wrong answer is told in words: %j', (one, text, words) => {
  const read = readInputs([one], { [one.name]: text }, hosts);
  expect(read.ok).toBe(false);
  if (!read.ok) expect(read.wrong[one.name]).toEqual(typeof words === 'string' ? words : expect.stringMatching(words));
});

test('an input that there is not is named with the nearest one', () => {
  const read = readInputs([input('node', 'host')], { node: 'web1', nod: 'x' }, hosts);
  expect(read).toMatchObject({ ok: false, wrong: { nod: expect.stringContaining('node') } });
});

test('answers become what they mean: numbers, truths, lists without repeats, and what the file falls back to', () => {
  const inputs = [
    input('n', 'int'),
    input('sure', 'bool'),
    input('all', 'hosts'),
    input('d', 'duration', { fallback: '5m' }),
    input('o', 'text', { optional: true }),
  ];
  expect(readInputs(inputs, { n: '3', sure: 'Yes', all: 'web1, web2 web1' }, hosts)).toEqual({
    ok: true,
    values: { n: 3, sure: true, all: ['web1', 'web2'], d: '5m', o: '' },
  });
});
