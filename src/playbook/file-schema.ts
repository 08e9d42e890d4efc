import * as z from 'zod';
import { parseDuration, pattern } from '../config/schema/values.ts';

/*
 * The keys of a playbook file, format 1. Nested lists of steps are left unread here: `read-steps.ts` reads each step by itself, so that
 * one bad step hides no other. Phrases continue "steps[0].timeout …".
 */

const durationPhrase = 'must be a duration such as 30s, 5m or 2h, or a {{ value }}';
const text = z.string();
const line = z.union([z.string(), z.number(), z.boolean()]).transform(String);

export const dur = z
  .string({ error: durationPhrase })
  .refine((value) => /^\{\{.+\}\}$/.test(value) || (/^\d+(ms|s|m|h|d)$/.test(value) && parseDuration(value) !== null), durationPhrase);

const idPattern = /^[a-z0-9][a-z0-9-]*$/;
const inputTypes = ['host', 'hosts', 'text', 'int', 'number', 'bool', 'choice', 'duration', 'secret', 'url', 'release'] as const;

export const inputSchema = z.strictObject({
  type: z.enum(inputTypes),
  from: text.optional(),
  choices: z.array(line).optional(),
  default: z.unknown().optional(),
  pattern: pattern.optional(),
  min: z.number().optional(),
  max: z.number().optional(),
  help: text.optional(),
  optional: z.boolean().optional(),
});

export const inputName = /^[a-z_][a-z0-9_]*$/;

const values = z.record(z.string(), z.unknown());

export const suggestSchema = z
  .strictObject({
    alert: pattern.optional(),
    labels: z.record(z.string(), line).optional(),
    text: z.array(text).min(1).optional(),
    check: text.optional(),
    fill: z.record(z.string(), line).optional(),
  })
  .refine((given) => given.alert !== undefined || given.text !== undefined || given.check !== undefined, 'must say alert, text or check');

export const headSchema = z.strictObject({
  playbook: z.string().regex(idPattern, 'must be small letters, digits and dashes'),
  format: z.literal(1),
  title: z.string().max(80),
  owner: text,
  reviewed: z
    .string()
    .refine((value) => /^\d{4}-\d{2}-\d{2}$/.test(value) && !Number.isNaN(Date.parse(value)), 'must be a day such as "2026-11-21"'),
  when_to_use: text,
  links: z.array(text).optional(),
  suggest: z.array(suggestSchema).optional(),
  inputs: z.record(z.string().regex(inputName, 'must be small letters, digits and _'), inputSchema).optional(),
  vars: values.optional(),
  needs: z.strictObject({ role: text.optional(), secrets: z.array(text).optional(), tools: z.array(text).optional() }).optional(),
  lock: z.array(text).optional(),
  limits: z
    .strictObject({ timeout: dur.optional(), keep_in_pool: z.union([z.int().min(0), z.string()]).optional(), lock_ttl: dur.optional() })
    .optional(),
  report: z.strictObject({ to: text, at: z.array(z.enum(['start', 'end', 'danger'])).optional() }).optional(),
  steps: z.array(z.unknown()).min(1),
  finally: z.array(z.unknown()).min(1).optional(),
});

export const probeSchema = z.union(
  [
    z.string(),
    z.strictObject({
      http: text.optional(),
      host: text.optional(),
      port: z.union([z.int().min(1).max(65_535), z.string()]).optional(),
      service: text.optional(),
      pool: text.optional(),
      except: text.optional(),
      dns: text.optional(),
      metric: text.optional(),
      alert: text.optional(),
    }),
  ],
  { error: 'must be a command, or one of http, port, service, pool, dns, metric, alert' },
);

const command = z.union([z.string().min(1), z.array(z.string()).min(1)], { error: 'must be a command line or a list of words' });

const action = z.strictObject({ do: text, with: values.optional() });

const undoSchema = z.union([z.enum(['none', 'auto']), action, z.strictObject({ run: command }), z.strictObject({ manual: text })], {
  error: 'must be none, auto, { do: … }, { run: … } or { manual: … }',
});

const onFailSchema = z.union(
  [
    z.enum(['ask', 'stop', 'continue', 'undo']),
    z.strictObject({ stop: text, result: z.enum(['ok', 'failed', 'escalated']).optional() }),
    z.array(z.unknown()).min(1),
  ],
  { error: 'must be ask, stop, continue, undo, { stop: … } or a list of steps' },
);

export const stepSchema = z.strictObject({
  id: z
    .string()
    .regex(/^[a-z][a-z0-9-]*$/, 'must be small letters, digits and dashes, a letter first')
    .optional(),
  why: text.optional(),
  host: text.optional(),
  when: text.optional(),
  check: probeSchema.optional(),
  expect: text.optional(),
  wait: probeSchema.optional(),
  until: text.optional(),
  every: dur.optional(),
  hold: dur.optional(),
  run: command.optional(),
  preview: command.optional(),
  skip_if: probeSchema.optional(),
  do: text.optional(),
  with: values.optional(),
  manual: text.optional(),
  ask: z.record(z.string().regex(inputName, 'must be small letters, digits and _'), inputSchema).optional(),
  choose: text.optional(),
  options: z.record(z.string(), z.strictObject({ label: text, steps: z.array(z.unknown()).min(1).optional() })).optional(),
  branch: z
    .array(
      z.strictObject({ when: text.optional(), else: z.literal(true).optional(), why: text.optional(), steps: z.array(z.unknown()).min(1) }),
    )
    .min(1)
    .optional(),
  approve: text.optional(),
  by: text.optional(),
  count: z.int().min(1).optional(),
  tell: text.optional(),
  to: text.optional(),
  play: text.optional(),
  each: z
    .strictObject({
      var: z.string().regex(inputName, 'must be small letters, digits and _'),
      in: text,
      batch: z.union([z.int().min(1), z.string(), z.array(z.union([z.int().min(1), z.string()])).min(1)]).optional(),
      pause: dur.optional(),
      confirm: z.enum(['each-batch', 'after-first', 'never']).optional(),
      stop_after: z.union([z.int().min(0), z.string()]).optional(),
    })
    .optional(),
  section: text.optional(),
  steps: z.array(z.unknown()).min(1).optional(),
  no_return: text.optional(),
  sleep: dur.optional(),
  stop: text.optional(),
  result: z.enum(['ok', 'failed', 'escalated']).optional(),
  save: z.string().regex(inputName, 'must be small letters, digits and _').optional(),
  secret_output: z.boolean().optional(),
  evidence: z.enum(['keep', 'required', 'none']).optional(),
  risk: z.enum(['safe', 'change', 'danger']).optional(),
  rerun: z.enum(['safe', 'ask', 'never']).optional(),
  timeout: dur.optional(),
  retry: z.strictObject({ times: z.int().min(1).max(20), wait: dur.optional(), backoff: z.number().optional() }).optional(),
  on_fail: onFailSchema.optional(),
  on_unreachable: onFailSchema.optional(),
  undo: undoSchema.optional(),
  settles: text.optional(),
  temporary: z.literal(true).optional(),
  leave: text.optional(),
});

export type GivenStep = z.output<typeof stepSchema>;

/** The one key that says what a step does. */
export const verbs = [
  'check',
  'wait',
  'run',
  'do',
  'manual',
  'ask',
  'choose',
  'branch',
  'approve',
  'tell',
  'play',
  'each',
  'section',
  'no_return',
  'sleep',
  'stop',
] as const;
