import * as z from 'zod';
import { actionSchema, drainSchema, maintenanceSchema, releaseSchema } from './actions.ts';
import { backupVariants } from './backups.ts';
import { checkVariants } from './checks.ts';
import { environmentSchema } from './environments.ts';
import { sourceVariants } from './inventory.ts';
import { limitsSchema } from './limits.ts';
import { poolVariants } from './pools.ts';
import { serviceSchema } from './services.ts';
import { sshSchema } from './ssh.ts';
import { count, duration, redaction, name, names, parseHostPort, setting, text, texts } from './values.ts';

export const fleetNameSchema = z
  .string()
  .refine((value) => /^[A-Za-z0-9][\w.-]{0,63}$/.test(value), 'must be letters, digits, "-", "_" and "."');

export const pollSchema = z.strictObject({
  every: duration.optional().describe('Time between two polls of a host (5s)'),
  deadline: duration.optional().describe('Longest that one poll may take (10s)'),
  stale: duration.optional().describe('Age at which a sample is no longer believed (15s)'),
  handshakes: z.int().min(1).max(1000).optional().describe('SSH handshakes under way at once (32)'),
});

export const approveSchema = z.strictObject({
  over: count.optional().describe('A second person above so many hosts'),
  danger: z.boolean().optional().describe('A second person for risk: danger'),
});

export const bulkSchema = z.strictObject({
  canary: count.optional().describe('Hosts changed first (1)'),
  batch: count.optional().describe('Hosts changed at a time after that (1)'),
  healthy: count.optional().describe('Good polls demanded before the next batch (3)'),
  stop_after: count.optional().describe('Failures that end it (1)'),
});

const smtpPhrase = 'must be host or host:port of a mail server';

export const notifySchema = z.strictObject({
  webhook: setting.optional().describe('Address that a message is posted to; text, { env: NAME } or { file: PATH }'),
  mail: z
    .strictObject({
      to: texts.refine((list) => list.length > 0, 'must name somebody').describe('Address or addresses'),
      smtp: z
        .string()
        .refine((value) => parseHostPort(value) !== null, smtpPhrase)
        .optional()
        .describe('Mail server (localhost:25)'),
    })
    .optional()
    .describe('Mail about alerts'),
  bell: z.boolean().optional().describe('Whether the terminal rings (true)'),
});

export const routinesSchema = z.strictObject({
  daily: texts.optional().describe('What to look at once a day'),
  weekly: texts.optional().describe('What to look at once a week'),
});
export const contactsSchema = z
  .union([text, z.strictObject({ file: text.describe('Path of the file') })], { error: 'must be a path or { file: PATH }' })
  .transform((value) => (typeof value === 'string' ? value : value.file));
export const dependsSchema = z.record(name, names);
export const titleSchema = text;
export const playbooksSchema = text;
export const neverSchema = z.array(text);
export const redactSchema = z.array(redaction);

function anyOf(variants: Readonly<Record<string, { readonly schema: z.ZodType }>>): z.ZodUnion<readonly z.ZodType[]> {
  return z.union(Object.values(variants).map(({ schema }) => schema));
}

/**
 * The whole file in one schema, for editors and for finding what keys are known where.
 * Reading goes section by section instead, so that one bad entry hides no other.
 */
export const fleetSchema = z.strictObject({
  fleet: fleetNameSchema.describe('Name of the fleet'),
  title: titleSchema.optional().describe('Name shown to people'),
  environments: z.record(name, environmentSchema).optional().describe('First match wins; what matches none is default'),
  inventory: z.array(anyOf(sourceVariants)).min(1).describe('Sources of hosts, merged'),
  ssh: sshSchema.optional().describe('How hosts are reached'),
  poll: pollSchema.optional().describe('How often and how patiently hosts are asked'),
  services: z.record(name, serviceSchema).optional().describe('What runs on the hosts, by name'),
  checks: z.record(name, anyOf(checkVariants)).optional().describe('Timed questions with a judged answer, by name'),
  limits: limitsSchema.optional().describe('When a number is a warning or critical'),
  depends: dependsSchema.optional().describe('Role on roles: who takes the blame'),
  approve: approveSchema.optional().describe('When a second person must agree'),
  bulk: bulkSchema.optional().describe('How a change of several hosts goes on'),
  pools: z.record(name, anyOf(poolVariants)).optional().describe('Who takes traffic, and how to change it, by name'),
  backups: z.record(name, anyOf(backupVariants)).optional().describe('Copies that are made or watched, by name'),
  releases: z.record(name, releaseSchema).optional().describe('Deployed releases that can be rolled back, by name'),
  drains: z.record(name, drainSchema).optional().describe('Ways to empty a node that holds work, by name'),
  maintenance_mode: z.record(name, maintenanceSchema).optional().describe('Maintenance pages of the site, by role'),
  actions: z.record(name, actionSchema).optional().describe('Commands of your own, guarded like every change, by name'),
  never: neverSchema.optional().describe('Command texts refused wherever they would be run from'),
  redact: redactSchema.optional().describe('Patterns of text that is never shown or kept'),
  playbooks: playbooksSchema.optional().describe('Folder of the playbooks'),
  contacts: contactsSchema.optional().describe('File of people to reach out of band'),
  notify: notifySchema.optional().describe('Who is told of alerts'),
  routines: routinesSchema.optional().describe('What people look at regularly'),
});

export const sectionNames = Object.keys(fleetSchema.shape);
