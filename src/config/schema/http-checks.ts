import * as z from 'zod';
import type { CheckSpec } from '../../fleet/definition.ts';
import { type Variant, variant } from '../variant.ts';
import { asked, baseOf, minute, oneLine, second } from './check-base.ts';
import { remotePath, size, text } from './values.ts';

const urlPhrase = 'must be an http:// or https:// address';
const url = z.string({ error: urlPhrase }).refine((value) => /^https?:\/\/[^\s/]/.test(value) && URL.canParse(value), urlPhrase);

/** A field name of RFC 9110, 5.6.2. */
const headerName = z.string().refine((value) => /^[!#$%&'*+.^`|~\w-]+$/.test(value), 'must be an HTTP header name');

const host = oneLine.optional().describe('Host header');
const http = url.describe('Address that is asked');
const unix = remotePath.describe('Unix socket that is asked');
const path = z
  .string()
  .refine((value) => value.startsWith('/'), 'must begin with "/"')
  .optional()
  .describe('Path of the request (/)');

const answer = {
  kind: z.literal('http').optional().describe('An answer that is judged, which is usual'),
  host,
  headers: z.record(headerName, oneLine).optional().describe('Further request headers'),
  status: z.int().min(100).max(599).optional().describe('Expected status; any 2xx when left out'),
  body: text.optional().describe('Text that the body must contain'),
  follow: z.boolean().optional().describe('Whether redirects are followed (false)'),
  min_bytes: size.optional().describe('Fewest bytes of body: 1024 or 20KB'),
};

const version = { kind: z.literal('version').describe('Skew across a role is a warning'), host };

const usual = { everyMs: 10 * second, timeoutMs: 5 * second };
const usualVersion = { everyMs: minute, timeoutMs: 5 * second };

/** Questions over HTTP. `version` and `unixVersion` are the same questions with `kind: version`. */
export const httpChecks = {
  http: variant(z.strictObject({ http, ...asked, ...answer }), (name, given) => ({
    ...baseOf(name, given, usual),
    kind: 'http',
    url: given.http,
    unix: null,
    ...answerOf(given),
  })),
  unix: variant(z.strictObject({ unix, path, ...asked, ...answer }), (name, given) => ({
    ...baseOf(name, given, usual),
    kind: 'http',
    url: `http://localhost${given.path ?? '/'}`,
    unix: given.unix,
    ...answerOf(given),
  })),
  version: variant(z.strictObject({ http, ...asked, ...version }), (name, given) => ({
    ...baseOf(name, given, usualVersion),
    kind: 'version',
    url: given.http,
    hostHeader: given.host ?? null,
    unix: null,
  })),
  unixVersion: variant(z.strictObject({ unix, path, ...asked, ...version }), (name, given) => ({
    ...baseOf(name, given, usualVersion),
    kind: 'version',
    url: `http://localhost${given.path ?? '/'}`,
    hostHeader: given.host ?? null,
    unix: given.unix,
  })),
} satisfies Record<string, Variant<CheckSpec>>;

const answerSchema = z.strictObject(answer);

function answerOf(given: z.output<typeof answerSchema>) {
  return {
    hostHeader: given.host ?? null,
    headers: given.headers ?? {},
    status: given.status ?? null,
    body: given.body ?? null,
    follow: given.follow ?? false,
    minBytes: given.min_bytes ?? null,
  };
}
