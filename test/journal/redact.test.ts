import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { redactionOf } from '../../src/config/pattern.ts';
import { Secret } from '../../src/fleet/secret.ts';
import { redactor } from '../../src/journal/redact.ts';

const secret = 'tok/en+42 "ü" &=';

describe('a known secret', () => {
  const redact = redactor([], [new Secret(secret)]);

  test.each([
    ['plain', secret],
    ['URL-encoded', encodeURIComponent(secret)],
    ['URL-encoded in lower case', encodeURIComponent(secret).replace(/%../g, (code) => code.toLowerCase())],
    ['URL-encoded as a form', encodeURIComponent(secret).replaceAll('%20', '+')],
    ['in JSON', JSON.stringify(secret).slice(1, -1)],
    ['hex', Buffer.from(secret).toString('hex')],
    ['base64', Buffer.from(secret).toString('base64').replace(/=+$/, '')],
    ['base64url', Buffer.from(secret).toString('base64url')],
  ])('is redacted %s', (_form, text) => {
    expect(redact(`before ${text} after`)).not.toContain(text);
    expect(redact(`before ${text} after`)).toMatch(/^before .*\[redacted\].* after$/);
  });

  test('is redacted in the base64 of a longer text, whatever stands before and after it', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 9 }), fc.string({ maxLength: 9 }), (before, after) => {
        const text = Buffer.from(`${before}${secret}${after}`).toString('base64');
        const clean = redact(text);
        expect(clean).toContain('[redacted]');
        const left = clean.split('[redacted]').map((part) => Buffer.from(part, 'base64').toString('latin1'));
        for (const part of left) expect(part).not.toContain('en+42');
      }),
    );
  });
});

test('a short secret does not blot out ordinary words', () => {
  expect(redactor([], [new Secret('ok')])('ok is ok')).toBe('ok is ok');
});

test('each line of a key is a secret of its own', () => {
  const key = '-----BEGIN KEY-----\nAAAAB3NzaC1yc2EAAAADAQ\nZZZZZZZZZZZZZZZZZZZZ\n-----END KEY-----\n';
  expect(redactor([], [new Secret(key)])('got AAAAB3NzaC1yc2EAAAADAQ')).toBe('got [redacted]');
});

test('every match of a pattern is redacted, and an empty match does nothing', () => {
  expect(redactor([redactionOf('AccountKey=[^;]+')], [])('AccountKey=a;x;AccountKey=b')).toBe('[redacted];x;[redacted]');
  expect(redactor([redactionOf('x*')], [])('abc')).toBe('abc');
  expect(redactor([redactionOf('(?<=pw: )\\S+')], [])('pw: hunter2, on')).toBe('pw: [redacted] on');
});

test('an output made to be gone over again and again is redacted at once, by patterns as shipped fleets have them', () => {
  const redact = redactor([redactionOf('(MYSQL|AWS)_\\w*(PASSWORD|KEY)\\w*["\']?\\s*[=:]\\s*\\S+'), redactionOf('mysql://[^@\\s]+@')], []);
  const made = `${'mysql://'.repeat(20_000)} ${'AWS_KEY'.repeat(20_000)}`;
  expect(redact(made)).toBe(made);
  expect(redact(`${made} AWS_KEY=abc`)).toBe(`${made} [redacted]`);
});

test('the longer of two secrets goes first', () => {
  expect(redactor([], [new Secret('password'), new Secret('password-long')])('password-long')).toBe('[redacted]');
});
