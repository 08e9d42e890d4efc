import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { quotedPlace } from '../../src/fleet/shell-quotes.ts';
import { unknown } from '../../src/playbook/expression.ts';
import { readInputs } from '../../src/playbook/inputs.ts';
import { askedProbe } from '../../src/playbook/run/ask-probe.ts';
import { fillCommand, fillHostHeader, fillUrl } from '../../src/playbook/template.ts';
import { head, playbookOf } from './recorded-world.ts';

const run = promisify(execFile);

/** Pieces that a person writes before a place, well formed or not. */
const pieces = [
  'echo ',
  '"',
  "'",
  '`',
  '$(',
  ')',
  '"$(echo ',
  '"$(echo "a")" ',
  ')" ',
  '$((1+',
  '))',
  '${HOME:-',
  '}',
  '# it is\n',
  "# isn't\n",
  '#x',
  'a#b ',
  '\\',
  '\\\\',
  '$',
  '$HOME',
  "$'",
  'cat <<E\n',
  "cat <<'E'\n`",
  '\nE\n',
  'case a in a) ',
  ';; esac ',
  '( ',
  '; ',
  '\n',
  ' | cat ',
  'x=',
  '>',
];
/** Each would leave a file behind if any of it were read as shell. */
const evil = [
  '$(touch got)',
  '`touch got`',
  '; touch got #',
  "'; touch got; '",
  '"; touch got; "',
  "\\'; touch got #",
  'a\nE\ntouch got\n',
  'a[$(touch got)]',
  ') ; touch got ; (',
  '}; touch got; {',
  "'\ntouch got\n'",
  '-n && touch got',
];

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hostile-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What a shell does with a text in an empty folder: what it said, and whether any of the value was read as shell. */
async function read(shell: readonly [string, ...string[]], text: string): Promise<{ readonly out: string; readonly broke: boolean }> {
  const cwd = mkdtempSync(join(folder, 'x'));
  const [file, ...words] = shell;
  const env = { PATH: process.env['PATH'] ?? '', HOME: cwd };
  const out = await run(file, [...words, '-c', text], { cwd, env, timeout: 5000 }).then(
    ({ stdout }) => stdout,
    () => '',
  );
  return { out, broke: readdirSync(cwd).includes('got') };
}

const shells = [['/bin/sh'], ['/bin/bash', '--posix'], ['/bin/bash']] as const;

describe('a value with anything in it', () => {
  test('is never read as shell, whatever stands before its place: it is one word or it is refused', async () => {
    const template = fc.array(fc.constantFrom(...pieces), { maxLength: 6 }).map((parts) => parts.join(''));
    await fc.assert(
      fc.asyncProperty(template, fc.constantFrom(...evil), fc.constantFrom(...shells), async (before, value, shell) => {
        if (quotedPlace(`${before}{{ value }}`) !== null) return;
        for (const after of ['', ' ', '"', "'", ')', ' )"', '\nE\n']) {
          const { text } = fillCommand(`${before}{{ value }}${after}`, { value });
          if ((await read(shell, text)).broke) expect.fail(`${shell.join(' ')} read ${JSON.stringify(text)}`);
        }
      }),
      { numRuns: 60 },
    );
  });

  test.each([
    "# isn't it\necho 'x {{ value }} y'",
    'echo "$(echo "{{ value }}")"',
    'echo $(( {{ value }} * 2 ))',
    "cat <<'E'\n ` {{ value }}\nE",
    'echo ${{ value }}',
    'echo \\{{ value }}',
    "echo $'it\\'s {{ value }}'",
    'true # {{ value }}',
    'rm -rf /nowhere/$dir{{ value }}',
    'x="$(case a in a) echo "{{ value }}";; esac)"',
  ])('is refused where its quotes would not hold: %j', (command) => {
    expect(() => fillCommand(command, { value: 'web1' })).toThrow(/word of its own/);
  });

  test.each([
    'printf "%s" {{ value }}',
    "# it isn't\nprintf '%s' {{ value }}",
    'x="$(echo "a")"; printf "%s" {{ value }}',
    'echo $((1+(2))) >&2; printf %s {{ value }}',
    'case a in a) printf %s {{ value }};; esac',
    'printf %s a#b >&2; printf "%s" \\\\ >&2; printf %s {{ value }}',
    'y="${HOME}"; x={{ value }}; printf %s "$x"',
    'printf %s {{ value }}>out; cat out',
  ])('is one word, byte for byte, in %j', async (command) => {
    for (const value of [...evil, '2', '-rf', '', ' ', '*', '~', '$HOME', 'ä\u{1F600}\u202E', 'x'.repeat(30_000)])
      expect((await read(shells[0], fillCommand(command, { value }).text)).out).toBe(value);
  });

  test('is refused before it is sent when no host would take so long a line', () => {
    expect(() => fillCommand('echo {{ value }}', { value: 'x'.repeat(70_000) })).toThrow(/at most 65536/);
    expect(() => fillCommand(['echo', '{{ value }}'], { value: 'é'.repeat(40_000) })).toThrow(/80\d\d\d bytes/);
  });
});

describe('an address', () => {
  const page = (host: string, path = 'x'): string => fillUrl('http://{{ host }}:80/a/{{ path }}?b={{ path }}', { host, path }).text;

  test('leads to no other host, whatever its values are', () => {
    for (const host of ['evil.org/', 'a@evil.org', 'evil.org#', 'evil.org?x', 'a\\b', 'a b', 'a\r\nX: y', '', 'ä.org', 'a\0b'])
      expect(() => page(host)).toThrow(/cannot stand in/);
    for (const path of ['a b', 'a\nb', '\0', '\u200Bx']) expect(() => page('web1', path)).toThrow(/cannot stand in/);
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (host, path) => {
        let filled: string;
        try {
          filled = page(host, path);
        } catch {
          return;
        }
        if (!URL.canParse(filled)) return;
        const { hostname, port, username, hash } = new URL(filled);
        expect([hostname, port, username]).toEqual([new URL(`http://${host}:80/`).hostname, '', '']);
        if (!path.includes('#')) expect(hash).toBe('');
      }),
    );
    expect(page('10.0.0.1', 'load/first')).toBe('http://10.0.0.1:80/a/load/first?b=load/first');
    expect(fillUrl('{{ page }}', { page: 'https://example.org/?a=b' }).text).toBe('https://example.org/?a=b');
    expect(fillUrl('http://web1/{{ gap.out }}', { gap: unknown }).open).toEqual(['gap.out']);
  });

  test('and the host that it is asked as are names, and its port is one', () => {
    expect(fillHostHeader('{{ name }}', { name: 'pencil.io:8080' }).text).toBe('pencil.io:8080');
    for (const name of ['a\r\nX: y', 'a b', '', 'a/b']) expect(() => fillHostHeader('{{ name }}', { name })).toThrow(/no name of a host/);
    const port = (value: string): unknown => askedProbe({ kind: 'port', port: '{{ port }}' }, 'web1', { port: value });
    expect(port('8816')).toEqual({ kind: 'port', host: 'web1', port: 8816 });
    for (const value of ['', '0', '80abc', '-1', '70000', '8 0', '1e3']) expect(() => port(value)).toThrow(/no port/);
  });
});

test.each(['a\u001B[2J', 'a\0b', 'a\nb', 'a\tb', '\u0085', '\uD800'])('a value typed as %j is refused where it is typed', (text) => {
  const [input] = playbookOf(`${head}inputs: { word: { type: text } }\nsteps: [{ tell: t }]\n`).inputs;
  expect(input === undefined ? null : readInputs([input], { word: text }, () => [])).toMatchObject({ ok: false });
});
