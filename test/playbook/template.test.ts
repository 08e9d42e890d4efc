import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { unknown } from '../../src/playbook/expression.ts';
import { fill, fillCommand } from '../../src/playbook/template.ts';

const odd = [
  '$(id)',
  '`id`',
  "it's",
  'a b  c',
  '; rm -rf /',
  '"',
  '\\',
  '$HOME',
  '*',
  '{{ name }}',
  '-n',
  '',
  'ä\u2028',
  'a\nb',
  "'$(id)'",
  '~',
  '!x',
];

test.each(odd)('a real shell reads the value %j as one word, byte for byte', (value) => {
  const line = fillCommand('printf "%s" {{ value }}', { value, name: 'x' }).text;
  const list = fillCommand(['printf', '%s', '{{ value }}'], { value, name: 'x' }).text;
  for (const command of [line, list]) expect(execFileSync('/bin/sh', ['-c', command], { encoding: 'utf8' })).toBe(value);
});

test('a word of a list is one word even when its place stands inside a longer text', () => {
  const { text } = fillCommand(['printf', '<%s>', 'to={{ value }};x'], { value: 'a b' });
  expect(execFileSync('/bin/sh', ['-c', text], { encoding: 'utf8' })).toBe('<to=a b;x>');
});

test.each(['echo "{{ value }}"', "echo '{{ value }}'", 'echo "$(cat {{ value }})"', 'cat <<EOF\n{{ value }}\nEOF'])(
  'a place inside quotes is refused: %s',
  (command) => {
    expect(() => fillCommand(command, { value: '$(id)' })).toThrow(/value.*quotes/);
  },
);

test.each([
  ['{{ a b }}', /not a name/],
  ['{{ a() }}', /not a name/],
  ['{{ constructor }}', /no value/],
  ['{{ __proto__.x }}', /no value/],
  ['{{ text.length }}', /no value/],
  ['{{ map }}', /no single word/],
])('the template %s is refused in words', (template, words) => {
  expect(() => fill(template, { text: 'x', map: { a: 1 } })).toThrow(words);
});

test('what is unknown stands open, and is named', () => {
  expect(fill('on {{ gap.out }} of {{ node }}', { gap: unknown, node: 'web1' })).toEqual({
    text: 'on ‹gap.out› of web1',
    open: ['gap.out'],
  });
});

test('a NUL never reaches a command', () => {
  expect(() => fillCommand('echo {{ value }}', { value: 'a\0b' })).toThrow(/NUL/);
});
