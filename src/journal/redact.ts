import { Buffer } from 'node:buffer';
import type { Redaction } from '../fleet/pattern.ts';
import type { Secret } from '../fleet/secret.ts';
import type { JsonValue, NewEntry } from './entry.ts';

/** Stands where a secret stood. */
export const redacted = '[redacted]';

/** Shorter secrets would blot out ordinary words. */
const shortestSecret = 4;

/**
 * Replaces what matches a pattern and every known secret: as it is, in base64 and base64url at any offset, in hex, and URL- or JSON-encoded.
 * The result is fixed: redacting it again changes nothing but what patterns find in it.
 */
export function redactor(patterns: readonly Redaction[], secrets: readonly Secret[]): (text: string) => string {
  const needles = [...new Set(secrets.flatMap((secret) => formsOf(secret.reveal())))].toSorted((a, b) => b.length - a.length);
  return (text) => {
    let clean = text;
    for (const needle of needles) clean = clean.replaceAll(needle, redacted);
    for (const pattern of patterns) clean = pattern.replaceAll(clean, redacted);
    return clean;
  };
}

/** Applies a redaction to every string of an entry, keys of its detail included. */
export function redactEntry(entry: NewEntry, redact: (text: string) => string): NewEntry {
  const maybe = (text: string | null): string | null => (text === null ? null : redact(text));
  return {
    kind: entry.kind,
    actionId: maybe(entry.actionId),
    who: redact(entry.who),
    env: maybe(entry.env),
    targets: entry.targets.map(redact),
    command: maybe(entry.command),
    outcome: maybe(entry.outcome),
    detail: Object.fromEntries(Object.entries(entry.detail).map(([key, value]) => [redact(key), redactValue(value, redact)])),
  };
}

/** Applies a redaction to every string of a JSON value. */
export function redactValue(value: JsonValue, redact: (text: string) => string): JsonValue {
  if (typeof value === 'string') return redact(value);
  if (value === null || typeof value !== 'object') return value;
  if (isList(value)) return value.map((each) => redactValue(each, redact));
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [redact(key), redactValue(each, redact)]));
}

function isList(value: object): value is readonly JsonValue[] {
  return Array.isArray(value);
}

function formsOf(secret: string): readonly string[] {
  const trimmed = secret.trim();
  if (trimmed.length < shortestSecret) return [];
  const encoded = encodeURIComponent(trimmed);
  const forms = [
    secret,
    trimmed,
    encoded,
    encoded.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()),
    encoded.replaceAll('%20', '+'),
    JSON.stringify(trimmed).slice(1, -1),
    Buffer.from(trimmed).toString('hex'),
    ...base64Forms(trimmed),
  ];
  // Lines of a key are secrets of their own: output may break it up.
  const lines = trimmed.split(/\r?\n/).filter((line) => line.length >= 16 && !line.startsWith('-----'));
  return [...forms, ...lines].filter((form) => form.length >= shortestSecret);
}

/** Base64 of a text within a longer one begins at any of three offsets; what its neighbours change is cut off. */
function base64Forms(secret: string): readonly string[] {
  const bytes = Buffer.from(secret);
  return [0, 1, 2].flatMap((offset) => {
    const text = Buffer.concat([Buffer.alloc(offset), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    const start = offset === 0 ? 0 : offset + 1;
    const end = (offset + bytes.length) % 3 === 0 ? text.length : text.length - 1;
    const inner = text.slice(start, end);
    // A few letters of base64 would be found in innocent text.
    return inner.length < 8 ? [] : [inner, inner.replaceAll('+', '-').replaceAll('/', '_')];
  });
}
