import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadContacts, parseContacts } from '../../src/config/load-contacts.ts';
import { formatProblem } from '../../src/config/problem.ts';
import { contactsOf } from '../../src/fleet/contact.ts';

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'qd-contacts-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

const good = `contacts:
  - { name: FSF sysadmins, role: power and console, phone: "+1 617 555 0100", when: office hours, for: [sunjammer, app] }
  - { name: Kim, mail: kim@example.org }
`;

function file(text: string, mode = 0o600): string {
  const path = join(dir, 'contacts.yaml');
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}

async function wrong(path: string): Promise<string> {
  const read = await loadContacts(path);
  return read.ok ? '' : read.problems.map(formatProblem).join('\n');
}

describe('the contacts file', () => {
  test('gives people; those for the host come first', async () => {
    const read = await loadContacts(file(good));
    if (!read.ok) throw new Error(read.problems.map(formatProblem).join('\n'));
    expect(contactsOf(read.contacts, { name: 'sunjammer', role: null }).map(({ name }) => name)).toEqual(['FSF sysadmins', 'Kim']);
    expect(contactsOf([...read.contacts].reverse(), { name: 'x', role: 'app' }).map(({ name }) => name)).toEqual(['FSF sysadmins', 'Kim']);
    expect(contactsOf(read.contacts, { name: 'db1', role: 'db' }).map(({ name }) => name)).toEqual(['Kim']);
  });

  test('is refused where others may write or read it, or it is a link', async () => {
    expect(await wrong(file(good, 0o620))).toContain('may be changed by others; run chmod go-w');
    expect(await wrong(file(good, 0o604))).toContain('Others may read the numbers');
    rmSync(join(dir, 'contacts.yaml'));
    writeFileSync(join(dir, 'real'), good, { mode: 0o600 });
    symlinkSync(join(dir, 'real'), join(dir, 'contacts.yaml'));
    expect(await wrong(join(dir, 'contacts.yaml'))).toContain('is a link');
    expect(await wrong(join(dir, 'none'))).toContain('does not exist');
    mkdirSync(join(dir, 'open'));
    writeFileSync(join(dir, 'open', 'contacts.yaml'), good, { mode: 0o600 });
    chmodSync(join(dir, 'open'), 0o777);
    expect(await wrong(join(dir, 'open', 'contacts.yaml'))).toContain('may be changed by others');
  });

  test('every fault is told with its place', () => {
    const read = parseContacts(
      'contacts:\n  - { name: Kim, fone: 1 }\n  - { phone: 12 }\n  - { name: Lee }\n  - name: ""\n    phone: 1\nmore: 1\n',
      'contacts.yaml',
    );
    const told = read.ok ? [] : read.problems.map(({ line, message }) => `${line} ${message}`);
    expect(told).toEqual(
      expect.arrayContaining([
        expect.stringContaining('2 Unknown key "fone"'),
        expect.stringContaining('3 "name" is missing'),
        expect.stringContaining('4 Lee has neither phone nor mail'),
        expect.stringContaining('5 contacts[3].name must not be empty'),
        expect.stringContaining('7 Unknown key "more"'),
      ]),
    );
  });

  test.each(['', '[]', 'contacts: 3', ': :', 'a: &a [*a]', '\u0000'])('%j is a problem, never a crash', (text) => {
    expect(parseContacts(text, 'contacts.yaml').ok).toBe(false);
  });
});
