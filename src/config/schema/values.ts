import * as z from 'zod';
import type { Setting } from '../../fleet/definition.ts';
import { patternOf, redactionOf, whyNoPattern } from '../pattern.ts';

/*
 * Phrases of our own begin with a small letter and continue "services.nginx.port …";
 * `issues.ts` tells them by that from zod's own messages.
 */

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const durationPhrase = 'must be a duration such as 500ms, 5s, 3m, 2h or 7d';
const tenYearsMs = 3650 * 86_400_000;

/** `500ms 5s 3m 2h 7d` in ms, `null` when it is none or longer than ten years. */
export function parseDuration(text: string): number | null {
  const match = /^(\d{1,9}(?:\.\d{1,3})?)\s?(ms|s|m|h|d)$/.exec(text.trim());
  const unit = unitMs[match?.[2] ?? ''];
  if (match === null || unit === undefined) return null;
  const ms = Math.round(Number(match[1]) * unit);
  return ms <= tenYearsMs ? ms : null;
}

/** A duration in ms; `0s` is allowed. */
export const durationOrZero = z
  .string({ error: durationPhrase })
  .refine((text) => parseDuration(text) !== null, durationPhrase)
  .transform((text) => parseDuration(text) ?? 0)
  .describe('Duration: 500ms, 5s, 3m, 2h, 7d');

/** A duration in ms, longer than nothing. */
export const duration = z
  .string({ error: durationPhrase })
  .refine((text) => (parseDuration(text) ?? 0) > 0, `${durationPhrase}, longer than nothing`)
  .transform((text) => parseDuration(text) ?? 0)
  .describe('Duration: 500ms, 5s, 3m, 2h, 7d');

const sizeUnits: Readonly<Record<string, number>> = {
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
};
const sizePhrase = 'must be a size such as 512KB, 20GB or 4GiB, or a number of bytes';

/** `20GB` (decimal) or `20GiB` (binary) in bytes, `null` when it is none. */
export function parseSize(text: string): number | null {
  const match = /^(\d{1,12}(?:\.\d{1,3})?)\s?([KMGT]i?B|B)$/.exec(text.trim());
  const unit = sizeUnits[match?.[2] ?? ''];
  if (match === null || unit === undefined) return null;
  const bytes = Math.round(Number(match[1]) * unit);
  return Number.isSafeInteger(bytes) ? bytes : null;
}

/** A size in bytes. */
export const size = z
  .union([z.int().min(0), z.string()], { error: sizePhrase })
  .refine((value) => typeof value === 'number' || parseSize(value) !== null, sizePhrase)
  .transform((value) => (typeof value === 'number' ? value : (parseSize(value) ?? 0)))
  .describe('Size: 512KB, 20GB, 4GiB, or bytes');

const percentPhrase = 'must be per cent from 0 to 100, such as 85 or 85%';

function percentOf(value: number | string): number | null {
  const match = typeof value === 'number' ? null : /^(\d{1,3}(?:\.\d+)?)\s?%?$/.exec(value.trim());
  const number = typeof value === 'number' ? value : Number(match?.[1] ?? 'none');
  return number >= 0 && number <= 100 ? number : null;
}

/** Per cent, 0–100. */
export const percent = z
  .union([z.number(), z.string()], { error: percentPhrase })
  .refine((value) => percentOf(value) !== null, percentPhrase)
  .transform((value) => percentOf(value) ?? 0)
  .describe('Per cent: 85 or 85%');

const sharePhrase = 'must be a share of the members such as 50%';

/** Per cent, 0–100, where a bare `0.5` would be read as half by one person and half a per cent by another. */
export const share = z
  .union([z.number(), z.string()], { error: sharePhrase })
  .refine((value) => percentOf(value) !== null && !(typeof value === 'number' && value > 0 && value < 1), sharePhrase)
  .transform((value) => percentOf(value) ?? 0)
  .describe('Share of the members: 50%');

const ratioPhrase = 'must be a ratio from 0 to 1, such as 0.7 or 70%';

function ratioOf(value: number | string): number | null {
  const number = typeof value === 'number' ? value : value.trim().endsWith('%') ? (percentOf(value) ?? Number.NaN) / 100 : Number.NaN;
  return number >= 0 && number <= 1 ? number : null;
}

/** A ratio, 0–1. */
export const ratio = z
  .union([z.number(), z.string()], { error: ratioPhrase })
  .refine((value) => ratioOf(value) !== null, ratioPhrase)
  .transform((value) => ratioOf(value) ?? 0)
  .describe('Ratio: 0.7 or 70%');

/** Text that is not empty. */
export const text = z.string().refine((value) => value.trim() !== '', 'must not be empty');

const namePhrase = 'must be a name of up to 64 characters without spaces, "/" or a leading "-"';

/** Whether a name may stand in a target such as `web1/nginx` and in a remote command as an operand. */
export function isName(value: string): boolean {
  return /^[^\s/\p{C}-][^\s/\p{C}]{0,63}$/u.test(value);
}

/** A name of the file's own: role, service, check, environment, pool. */
export const name = z.string().refine(isName, namePhrase);

/** One name or a list of them. */
export const names = z
  .union([name, z.array(name).min(1)], { error: 'must be a name or a list of names' })
  .transform((value) => (typeof value === 'string' ? [value] : value));

/** One text or a list of them. */
export const texts = z.union([text, z.array(text)], { error: 'must be text or a list of texts' }).transform((value) => [value].flat());

/** The second key of a chord: one visible character. */
export const key = z.string().refine((value) => /^[^\s\p{C}]$/u.test(value), 'must be one character');

export const port = z.int().min(1).max(65535);

export const count = z.int().min(1).max(1_000_000);

/** A path on a host, which a probe or a command is given. */
export const remotePath = z.string().refine((value) => /^[/~]/.test(value), 'must be a path that begins with "/" or "~"');

const settingPhrase = 'must be text, { env: NAME } or { file: PATH }';

/** A value that may stand outside the file. */
export const setting = z
  .union(
    [
      text,
      z.strictObject({
        env: z
          .string()
          .refine((value) => /^[A-Za-z_][A-Za-z0-9_]*$/.test(value))
          .describe('Variable of the environment that holds it'),
      }),
      z.strictObject({ file: text.describe('File that holds it') }),
    ],
    { error: settingPhrase },
  )
  .transform((value): Setting => {
    if (typeof value === 'string') return { kind: 'literal', value };
    return 'env' in value ? { kind: 'env', name: value.env } : { kind: 'file', path: value.file };
  })
  .describe('Text, { env: NAME } or { file: PATH }');

function patternBy<T>(read: (source: string) => T) {
  return z
    .string()
    .max(1000)
    .transform((source, context) => {
      const why = whyNoPattern(source, read);
      if (why === null) return read(source);
      context.issues.push({ code: 'custom', input: source, message: `is no valid pattern: ${why}` });
      return z.NEVER;
    })
    .describe('Regular expression (RE2)');
}

export const pattern = patternBy(patternOf);

/** A pattern of what is taken out of every text. */
export const redaction = patternBy(redactionOf);

/** `name:port`, `[v6]:port`, or without a port; `null` when it is none. */
export function parseHostPort(value: string): { host: string; port: number | null } | null {
  const match = /^(?:\[([0-9a-fA-F:.]+(?:%\w+)?)\]|([^\s:@/[\]\p{C}-][^\s:@/[\]\p{C}]*))(?::(\d{1,5}))?$/u.exec(value);
  const host = match?.[1] ?? match?.[2];
  if (match === null || host === undefined) return null;
  const number = match[3] === undefined ? null : Number(match[3]);
  return number !== null && (number < 1 || number > 65535) ? null : { host, port: number };
}
