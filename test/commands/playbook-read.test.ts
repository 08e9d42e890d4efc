import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { buildProgram, type Ended, quarterdeck } from './program.ts';

const day = new Date().toISOString().slice(0, 10);
const good = `playbook: look
format: 1
title: Look at it
owner: ops
reviewed: "${day}"
when_to_use: Something is odd.
inputs: { node: { type: host, from: web } }
steps: [{ id: load, check: uptime, host: "{{ node }}", save: seen }]
`;

let home = '';
beforeAll(() => buildProgram(), 180_000);
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'qd-playbooks-'));
  mkdirSync(join(home, 'playbooks'), { mode: 0o700 });
  write('fleet.yaml', 'fleet: tiny\ninventory: [{ static: [{ name: web1, role: web }] }]\nplaybooks: playbooks\n');
  write('playbooks/look.yaml', good);
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

function write(name: string, text: string): void {
  writeFileSync(join(home, name), text);
  chmodSync(join(home, name), 0o600);
}

const run = (...args: readonly string[]): Promise<Ended> => quarterdeck(['--fleet', join(home, 'fleet.yaml'), ...args], { home });

describe('quarterdeck playbook reads without asking a host', { timeout: 60_000 }, () => {
  test('list names those that can be read, and tells of those that cannot', async () => {
    expect(await run('playbook', 'list')).toMatchObject({
      status: 0,
      stderr: '',
      stdout: `ID    TITLE       OWNER  REVIEWED\nlook  Look at it  ops    ${day}\n`,
    });
    write('playbooks/odd.yaml', good.replace('owner: ops\n', ''));
    const listed = await run('playbook', 'list');
    expect(listed.status).toBe(1);
    expect(listed.stderr).toContain('odd.yaml:1:1: "owner" is missing');
    expect(listed.stdout).toContain('look  Look at it');
  });

  test('show prints Markdown, and what fonts draw as nothing is shown', async () => {
    write('playbooks/look.yaml', good.replace('Something is odd.', '"odd \\u3164"'));
    const shown = await run('playbook', 'show', 'look');
    expect(shown).toMatchObject({ status: 0, stderr: '' });
    expect(shown.stdout).toContain('# Look at it\n');
    expect(shown.stdout).toContain('1. **load** check: `uptime` on `{{ node }}`');
    expect(shown.stdout).toContain('odd \\u{3164}');
    expect(await run('playbook', 'show', 'lok')).toMatchObject({ status: 64, stdout: '' });
  });

  test('lint is 0 when clean or with warnings alone, 1 with errors of form or meaning', async () => {
    expect(await run('playbook', 'lint', 'look')).toMatchObject({ status: 0, stdout: '' });
    const whole = await run('playbook', 'lint');
    expect([whole.status, whole.stdout]).toEqual([
      0,
      expect.stringMatching(/^\S+: warning: No playbook is about these \d+ alerts in particular: .*\n$/),
    ]);
    write('playbooks/look.yaml', good.replace(day, '2020-01-01'));
    const old = await run('playbook', 'lint', 'look');
    expect(old.status).toBe(0);
    expect(old.stdout).toContain('look.yaml:5:12: warning: Nobody has walked this playbook');
    write('playbooks/look.yaml', good.replace('host: "{{ node }}"', 'host: "{{ nod }}"'));
    const wrong = await run('playbook', 'lint');
    expect(wrong.status).toBe(1);
    expect(wrong.stdout).toContain('look.yaml:8:');
    expect(wrong.stdout).toContain('names "nod", which has no value here. Did you mean "node"?');
    write('form.yaml', good.replace('uptime', '3'));
    const form = await run('playbook', 'lint', join(home, 'form.yaml'), '--json');
    expect(form.status).toBe(1);
    expect(JSON.parse(form.stdout)).toMatchObject([{ line: 8, severity: 'error', rule: 'form' }]);
  });

  test('schema playbook prints the published schema', async () => {
    const published = readFileSync(join(import.meta.dirname, '..', '..', 'playbooks', 'playbook.v1.schema.json'), 'utf8');
    expect(await run('schema', 'playbook')).toMatchObject({ status: 0, stdout: published });
  });
});
