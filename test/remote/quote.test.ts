import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loginCommand, shellCommand, shq } from '../../src/remote/quote.ts';

/** Byte strings per shell; QUOTE_ROUNDS=100000 before a release. */
const rounds = Number(process.env.QUOTE_ROUNDS ?? 300);

/** How each shell takes a command. The first five are what hosts run; csh and fish only ever see `loginCommand`. */
const posixShells: readonly (readonly string[])[] = [['sh'], ['dash'], ['busybox', 'ash'], ['bash'], ['mksh']];
const loginShells: readonly (readonly string[])[] = [...posixShells, ['tcsh'], ['fish'], ['zsh']];

function missing(shell: readonly string[]): boolean {
  return spawnSync(shell[0] ?? '', ['--help'], { stdio: 'ignore' }).error !== undefined;
}

/** POSIX shells must be there in CI; csh, fish and zsh are tried where they are. */
function skipPosix(shell: readonly string[]): boolean {
  if (missing(shell) && process.env.CI === 'true') throw new Error(`${shell.join(' ')} must be installed in CI.`);
  return missing(shell);
}

const bytes = fc.uint8Array({ min: 1, max: 255, minLength: 0, maxLength: 40 }).map((array) => Buffer.from(array));
const nasty = fc.constantFrom(
  "'",
  "''",
  '\\',
  "\\'",
  '!',
  '!!',
  '\n',
  '\n\n',
  '$(touch CANARY)',
  '`touch CANARY`',
  ';touch CANARY;',
  '-n',
  '~',
  '*',
  '\\c',
  '%s',
  '\x1b[2J',
  '=ls',
  'a=b',
  '',
);
const word = fc.oneof(
  bytes,
  nasty.map((text) => Buffer.from(text)),
  fc.array(nasty, { maxLength: 6 }).map((parts) => Buffer.from(parts.join(''))),
);

let directory = '';
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'qd-quote-'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** Runs shell text given as bytes (latin1 keeps each byte a character) and returns the bytes it printed. */
function run(shell: readonly string[], script: string): Buffer {
  const [file = 'sh', ...args] = shell;
  return execFileSync(file, [...args], { input: Buffer.from(`${script}\n`, 'latin1'), cwd: directory, maxBuffer: 1 << 24 });
}

describe.each(posixShells.map((shell) => [shell.join(' '), shell] as const))('quoting for %s', (_name, shell) => {
  it.skipIf(skipPosix(shell))(
    `brings ${rounds} random byte strings back unchanged and runs none of them`,
    () => {
      const samples = fc.sample(word, { numRuns: rounds, seed: 20_261_122 });
      for (let at = 0; at < samples.length; at += 100) {
        const some = samples.slice(at, at + 100);
        // The length before each word: no separator could be told from the words' own bytes.
        const script = some.map((one) => `printf '%s' ${one.length}:${shq(one.toString('latin1'))}`).join('\n');
        const expected = Buffer.concat(some.map((one) => Buffer.concat([Buffer.from(`${one.length}:`), one])));
        expect(run(shell, script).equals(expected)).toBe(true);
      }
      expect(existsSync(join(directory, 'CANARY'))).toBe(false);
      // mksh forks for each printf.
    },
    20_000 + rounds * 10,
  );
});

describe.each(loginShells.map((shell) => [shell.join(' '), shell] as const))('a command through the login shell %s', (_name, shell) => {
  it.skipIf(missing(shell))('reaches sh exactly as written', () => {
    const [file = 'sh', ...args] = shell;
    for (const one of fc.sample(word, { numRuns: 60, seed: 7 })) {
      const command = loginCommand(`printf '%s' ${shq(one.toString('latin1'))}`);
      // Node's argv is UTF-8: only text can be given this way, bytes go through standard input above.
      const text = Buffer.from(one.toString('latin1'), 'utf8');
      expect(spawnSync(file, [...args, '-c', command], { cwd: directory }).stdout.equals(text)).toBe(true);
    }
    expect(existsSync(join(directory, 'CANARY'))).toBe(false);
  });

  it.skipIf(missing(shell))('keeps standard input for the command and its exit status', () => {
    const [file = 'sh', ...args] = shell;
    const result = spawnSync(file, [...args, '-c', loginCommand("read -r line\nprintf '%s, %s\\n' \"$line\" $#; exit 9 # it's!")], {
      input: 'a\\b\n',
    });
    expect([result.status, result.stdout.toString()]).toEqual([9, 'a\\b, 0\n']);
  });
});

describe('quoting', () => {
  it('leaves plain words readable and quotes the rest', () => {
    expect(shellCommand(['systemctl', 'show', '-p', 'Id', '--lines=5', 'nginx.service'])).toBe(
      'systemctl show -p Id --lines=5 nginx.service',
    );
    expect(shellCommand(['a=b', '', "it's", '-x y'])).toBe(`'a=b' '' 'it'\\''s' '-x y'`);
  });

  it('refuses NUL, which no argument can carry', () => {
    expect(() => shq('a\0b')).toThrow(/NUL/);
    expect(() => loginCommand('a\0b')).toThrow(/NUL/);
  });
});
