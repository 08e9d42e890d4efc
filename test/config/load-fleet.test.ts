import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { loadFleet } from '../../src/config/load-fleet.ts';
import { formatProblem } from '../../src/config/problem.ts';
import { resolveSetting } from '../../src/config/resolve-setting.ts';

const folder = mkdtempSync(join(tmpdir(), 'quarterdeck-config-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string | Buffer, mode = 0o600): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  chmodSync(path, mode);
  return path;
}

async function problemOf(path: string): Promise<string> {
  const result = await loadFleet(path, folder);
  if (result.ok) throw new Error('the file was accepted');
  expect(result.problems).toHaveLength(1);
  return result.problems.map(formatProblem).join('\n').replaceAll(folder, '');
}

const tiny = 'fleet: tiny\ninventory: [{ static: [{ name: one }] }]\n';

describe('loading a fleet file', () => {
  test('a good file is read, through a link as well, and keeps the path as given', async () => {
    const path = file('tiny.yaml', `\ufeff${tiny}`, 0o644);
    symlinkSync(path, join(folder, 'link.yaml'));
    const result = await loadFleet(join(folder, 'link.yaml'), folder);
    expect(result).toMatchObject({ ok: true, fleet: { name: 'tiny', file: join(folder, 'link.yaml') } });
  });

  test('a missing file is one sentence with a way on', async () => {
    expect(await problemOf(join(folder, 'none.yaml'))).toBe(
      '/none.yaml: The fleet file does not exist. Name another with --fleet, or try "quarterdeck demo".',
    );
    expect(await problemOf(join(file('plain', ''), 'x.yaml'))).toContain('does not exist');
  });

  test('a folder, a pipe and a device are refused without waiting on them', async () => {
    mkdirSync(join(folder, 'dir.yaml'));
    execFileSync('mkfifo', [join(folder, 'pipe.yaml')]);
    expect(await problemOf(join(folder, 'dir.yaml'))).toBe('/dir.yaml: The fleet file is a folder, not a file.');
    expect(await problemOf(join(folder, 'pipe.yaml'))).toBe('/pipe.yaml: The fleet file is not a regular file.');
    expect(await problemOf('/dev/zero')).toBe('/dev/zero: The fleet file is not a regular file.');
  });

  test('more than 256 KB is refused', async () => {
    expect(await problemOf(file('big.yaml', `${tiny}#${'x'.repeat(256 * 1024)}`))).toBe('/big.yaml: The fleet file is larger than 256 KB.');
  });

  test('bytes that are not UTF-8 are placed on their line', async () => {
    const bytes = Buffer.concat([Buffer.from(tiny), Buffer.from([0x23, 0xe9, 0x0a])]);
    expect(await problemOf(file('latin1.yaml', bytes))).toBe('/latin1.yaml:3:1: This line is not UTF-8 text. Save the file as UTF-8.');
    expect(await problemOf(file('utf16.yaml', Buffer.from(`\ufeff${tiny}`, 'utf16le')))).toBe(
      '/utf16.yaml: This file is written in UTF-16. Save it as UTF-8.',
    );
  });

  test('a file that anyone may change is refused, because it names commands', async () => {
    expect(await problemOf(file('open.yaml', tiny, 0o666))).toContain('Run: chmod o-w ');
  });
});

describe('a setting that stands outside the file', () => {
  async function refusal(setting: Parameters<typeof resolveSetting>[0], env: Record<string, string> = {}): Promise<string> {
    const error: unknown = await resolveSetting(setting, env).then(
      () => null,
      (reason: unknown) => reason,
    );
    return error instanceof Error ? error.message.replaceAll(folder, '') : 'no refusal';
  }

  test('comes as a secret that does not print', async () => {
    const secret = await resolveSetting({ kind: 'env', name: 'TOKEN' }, { TOKEN: 'hunter2' });
    expect(secret.reveal()).toBe('hunter2');
    expect(`${String(secret)} ${JSON.stringify({ secret })}`).not.toContain('hunter2');
    expect((await resolveSetting({ kind: 'file', path: file('token', 'hunter2\n') })).reveal()).toBe('hunter2');
    expect((await resolveSetting({ kind: 'literal', value: 'plain' })).reveal()).toBe('plain');
  });

  test('an unset or empty variable is named', async () => {
    expect(await refusal({ kind: 'env', name: 'TOKEN' })).toBe('The environment variable TOKEN, which the fleet file names, is not set.');
    expect(await refusal({ kind: 'env', name: 'TOKEN' }, { TOKEN: '' })).toContain('is empty');
  });

  test('a file that is missing, empty or readable by everyone is refused', async () => {
    expect(await refusal({ kind: 'file', path: join(folder, 'no-token') })).toBe(
      'The file /no-token, which the fleet file names, does not exist.',
    );
    expect(await refusal({ kind: 'file', path: file('empty-token', '\n') })).toContain('is empty');
    expect(await refusal({ kind: 'file', path: file('open-token', 'hunter2', 0o644) })).toBe(
      'The file /open-token holds a secret but may be read by everyone on this machine; run chmod 600 on it.',
    );
  });
});
