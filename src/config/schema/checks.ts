import { z } from 'zod';
import { duration, names, parseHostPort, port, ratio, remotePath, setting, text } from './values.ts';

const asked = {
  on: names.optional().describe('Role or roles whose hosts are asked'),
  from: z.literal('here').optional().describe('Asked once by this console instead'),
  every: duration.optional(),
  timeout: duration.optional(),
};

const urlPhrase = 'must be an http:// or https:// address';

const url = z.string({ error: urlPhrase }).refine((value) => /^https?:\/\/[^\s/]/.test(value) && URL.canParse(value), urlPhrase);

const headerName = z.string().refine((value) => /^[!#$%&'*+.^`|~\w-]+$/.test(value), 'must be an HTTP header name');
const oneLine = z.string().refine((value) => value !== '' && !/[\r\n]/.test(value), 'must be one line of text');

const answer = {
  host: oneLine.optional().describe('Host header'),
  headers: z.record(headerName, oneLine).optional(),
  status: z.int().min(100).max(599).optional().describe('Expected status; any 2xx when left out'),
  body: text.optional().describe('Text that the body must contain'),
  follow: z.boolean().optional().describe('Whether redirects are followed (false)'),
  min_bytes: z.int().min(1).optional().describe('Fewest bytes of body'),
};

const unix = remotePath.describe('Unix socket that is asked');
const unixPath = z.string().refine((value) => value.startsWith('/'), 'must begin with "/"').optional().describe('Path of the request (/)');

const placePhrase = 'must be host:port';

function place(phrase: string, portNeeded: boolean) {
  return z.string({ error: phrase }).refine((value) => {
    const read = parseHostPort(value);
    return read !== null && (!portNeeded || read.port !== null);
  }, phrase);
}

/** One schema a kind of question; the key that asks chooses. `version` is an http or unix question with `kind: version`. */
export const checkSchemas = {
  http: z.strictObject({ http: url.describe('Address asked'), kind: z.literal('http').optional(), ...asked, ...answer }),
  unix: z.strictObject({ unix, path: unixPath, kind: z.literal('http').optional(), ...asked, ...answer }),
  version: z.strictObject({ http: url, kind: z.literal('version').describe('Skew across a role is a warning'), ...asked, host: answer.host }),
  unixVersion: z.strictObject({ unix, path: unixPath, kind: z.literal('version'), ...asked, host: answer.host }),
  tcp: z.strictObject({
    tcp: z.union([port, place('', true)], { error: 'must be host:port, or a port of the host itself' }).describe('host:port, or a port of the host itself'),
    ...asked,
  }),
  tls: z.strictObject({
    tls: place('must be a host name, or host:port', false).describe('host:port (443) whose certificate is looked at'),
    server_name: oneLine.optional().describe('Name asked for (SNI); the host when left out'),
    warn: duration.optional().describe('Warn when it ends sooner than this (21d)'),
    crit: duration.optional().describe('Critical when it ends sooner than this (7d)'),
    ...asked,
  }),
  mysql: z.strictObject({
    mysql: z.strictObject({
      socket: remotePath.optional(),
      host: oneLine.optional(),
      port: port.optional(),
      user: oneLine.optional(),
      password: setting.optional(),
      defaults_file: remotePath.optional().describe('Option file with the credentials, on the host'),
      replication: z.boolean().optional().describe('Whether replication must run (false)'),
      lag_warn: duration.optional().describe('Replication lag that warns (30s)'),
      lag_crit: duration.optional(),
    }),
    ...asked,
  }),
  memcached: z.strictObject({
    memcached: place(placePhrase, false).describe('host:port (11211)'),
    hit_rate_warn: ratio.optional().describe('Warn when fewer gets hit: 0.7'),
    ...asked,
  }),
  command: z.strictObject({
    command: text.describe('Command that must exit 0, or print a number'),
    number: z.boolean().optional().describe('Whether its output is a number that is judged'),
    warn: z.number().optional(),
    crit: z.number().optional(),
    below: z.boolean().optional().describe('Whether too little is what is wrong (false)'),
    ...asked,
  }),
  file_age: z.strictObject({
    file_age: remotePath.describe('File whose last change must be recent'),
    warn: duration.optional(),
    crit: duration.optional(),
    ...asked,
  }),
} as const;

/** Keys that name the question. */
export const checkKinds = ['http', 'unix', 'tcp', 'tls', 'mysql', 'memcached', 'command', 'file_age'] as const;

export type CheckSchemaName = keyof typeof checkSchemas;
export type GivenCheck = { [Kind in CheckSchemaName]: { kind: Kind; given: z.output<(typeof checkSchemas)[Kind]> } }[CheckSchemaName];
