import { expect, test } from 'vitest';
import { parseUpstream } from '../../../src/probe/pools/nginx-file.ts';

function turned(text: string, upstream: string | null = null): readonly (readonly [string, boolean, string | null])[] | string {
  const file = parseUpstream(text, upstream);
  return file.ok ? file.servers.map(({ name, down, turned: other }) => [name, down, other] as const) : file.why;
}

test.each([
  ['server 10.0.0.1;', false, 'server 10.0.0.1 down;'],
  ['  server web1:80 weight=5 ; # x', false, '  server web1:80 weight=5 down ; # x'],
  ['server web1 down;', true, 'server web1;'],
  ['server web1 weight=2 down backup;', true, 'server web1 weight=2 backup;'],
  ['server "web1:80" max_fails=0;', false, 'server "web1:80" max_fails=0 down;'],
  ['server web1; server web2;', false, null],
  ['server web1; # ca\\x1bf', false, null],
  ['server web1; # ca\\u{202e}f', false, null],
  ['server web1; # café', false, 'server web1 down; # café'],
])('%s is down: %s, and turned %s', (line, down, other) => {
  expect(turned(`${line}\n`)).toEqual([['web1', down, other]].map(([, ...rest]) => [line.includes('10.') ? '10.0.0.1' : 'web1', ...rest]));
});

test('what turned once is as it was when turned again', () => {
  const other = (line: string): string => {
    const file = parseUpstream(line, null);
    return (file.ok ? file.servers[0]?.turned : null) ?? 'none';
  };
  for (const line of ['server a;', 'server a  weight=2 ;', '\tserver\ta\tbackup\t; # b']) {
    expect(other(line)).toContain(' down');
    expect(other(other(line))).toBe(line);
  }
});

test('servers of blocks that are no upstream, comments and half statements are none', () => {
  expect(
    turned('http {\n server {\n listen 80;\n server_name a;\n }\n upstream w {\n  server a;\n #server b;\n }\n server {\n }\n}\n'),
  ).toEqual([['a', false, '  server a down;']]);
  expect(turned('server a\n weight=2;\nserver $x{};\n')).toEqual([]);
});

test('an upstream is told from another by its name', () => {
  const two = 'upstream "one" { # {\n server a;\n}\nupstream two {\n server b;\n}\n';
  expect(turned(two)).toBe('the file has several upstreams (one, two): name one with "upstream: …"');
  expect(turned(two, 'two')).toEqual([['b', false, ' server b down;']]);
  expect(turned(two, 'three')).toBe('the file has no upstream three');
});
