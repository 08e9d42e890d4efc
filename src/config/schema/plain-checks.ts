import * as z from 'zod';
import type { CheckSpec } from '../../fleet/definition.ts';
import { type Variant, variant } from '../variant.ts';
import { asked, baseOf, day, minute, oneLine, place, placeOf, second } from './check-base.ts';
import { duration, port, remotePath, text } from './values.ts';

const tcpPhrase = 'must be host:port, or a port of the host itself';

const tcp = z.strictObject({
  tcp: z.union([port, place(tcpPhrase, true)], { error: tcpPhrase }).describe('host:port, or a port of the host itself'),
  ...asked,
});

const tls = z.strictObject({
  tls: place('must be a host name, or host:port', false).describe('host:port (443) whose certificate is looked at'),
  server_name: oneLine.optional().describe('Name asked for (SNI); the host when left out'),
  warn: duration.optional().describe('Warn when it ends sooner than this (21d)'),
  crit: duration.optional().describe('Critical when it ends sooner than this (7d)'),
  ...asked,
});

const command = z.strictObject({
  command: text.describe('Command that must exit 0, or print a number'),
  number: z.boolean().optional().describe('Whether its output is a number that is judged'),
  warn: z.number().optional().describe('Number that warns'),
  crit: z.number().optional().describe('Number that is critical'),
  below: z.boolean().optional().describe('Whether too little is what is wrong (false)'),
  ...asked,
});

const fileAge = z.strictObject({
  file_age: remotePath.describe('File whose last change must be recent'),
  warn: duration.optional().describe('Age that warns'),
  crit: duration.optional().describe('Age that is critical'),
  ...asked,
});

/** Questions to a port, a certificate, a command or a file. */
export const plainChecks = {
  tcp: variant(tcp, (name, given) => ({
    ...baseOf(name, given, { everyMs: 10 * second, timeoutMs: 5 * second }),
    kind: 'tcp',
    ...(typeof given.tcp === 'number' ? { host: '127.0.0.1', port: given.tcp } : placeOf(given.tcp, 0)),
  })),
  tls: variant(tls, (name, given) => {
    const at = placeOf(given.tls, 443);
    const warnMs = given.warn ?? Math.max(21 * day, given.crit ?? 0);
    const critMs = given.crit ?? Math.min(7 * day, warnMs);
    const base = baseOf(name, given, { everyMs: 60 * minute, timeoutMs: 5 * second });
    return { ...base, kind: 'tls', ...at, serverName: given.server_name ?? at.host, warnMs, critMs };
  }),
  command: variant(command, (name, given) => ({
    ...baseOf(name, given, { everyMs: minute, timeoutMs: 10 * second }),
    kind: 'command',
    command: given.command,
    number: given.number ?? false,
    warn: given.warn ?? null,
    crit: given.crit ?? null,
    below: given.below ?? false,
  })),
  file_age: variant(fileAge, (name, given) => ({
    ...baseOf(name, given, { everyMs: minute, timeoutMs: 5 * second }),
    kind: 'file_age',
    path: given.file_age,
    warnMs: given.warn ?? null,
    critMs: given.crit ?? null,
  })),
} satisfies Record<string, Variant<CheckSpec>>;
