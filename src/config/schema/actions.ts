import * as z from 'zod';
import type { ActionInput, CustomAction, DrainSpec, ReleaseSpec } from '../../fleet/definition.ts';
import { duration, key, name, names, pattern, remotePath, text } from './values.ts';

const inputSchema = z
  .strictObject({
    type: z.enum(['text', 'int', 'number', 'bool', 'choice', 'host', 'secret', 'url', 'duration']).describe('What is asked for'),
    choices: z.array(text).min(1).optional().describe('What may be chosen, for type choice'),
    pattern: pattern.optional().describe('Pattern that the answer must match'),
    optional: z.boolean().optional().describe('Whether it may be left out (false)'),
    help: text.optional().describe('Said to the person who is asked'),
  })
  .refine((input) => (input.type === 'choice') === (input.choices !== undefined), 'must give choices for the type choice, and only for it');

export const actionSchema = z.strictObject({
  on: names.describe('Role or roles it is for'),
  run: text.describe('Command with {{ input }} places'),
  inputs: z.record(name, inputSchema).optional().describe('What is asked before it runs, by the names of its places'),
  risk: z.enum(['safe', 'change', 'danger']).optional().describe('How much is asked before it runs (change)'),
  undo: text.optional().describe('Command that takes it back, or none'),
  why: text.optional().describe('What it is for'),
  key: key.optional().describe('Second key after x'),
});

/** An action of the file's own as the fleet knows it. */
export function actionOf(actionName: string, given: z.output<typeof actionSchema>): CustomAction {
  return {
    name: actionName,
    on: given.on,
    run: given.run,
    inputs: Object.entries(given.inputs ?? {}).map(
      ([inputName, input]): ActionInput => ({
        name: inputName,
        type: input.type,
        choices: input.choices ?? [],
        pattern: input.pattern ?? null,
        optional: input.optional ?? false,
        help: input.help ?? null,
      }),
    ),
    risk: given.risk ?? 'change',
    undo: given.undo === undefined || given.undo === 'none' ? null : given.undo,
    why: given.why ?? null,
    key: given.key ?? null,
  };
}

export const releaseSchema = z.strictObject({
  on: names.describe('Role or roles it is for'),
  root: remotePath.describe('Folder that holds current and releases (Capistrano)'),
  restart: name.optional().describe('Service restarted after the link moved'),
  warn_migrations: text.optional().describe('Folder whose newer migrations a rollback would not undo'),
});

export function releaseOf(releaseName: string, given: z.output<typeof releaseSchema>): ReleaseSpec {
  return {
    name: releaseName,
    on: given.on,
    root: given.root,
    restart: given.restart ?? null,
    warnMigrations: given.warn_migrations ?? null,
  };
}

export const drainSchema = z.strictObject({
  on: names.describe('Role or roles it is for'),
  stop_accepting: text.describe('Command after which the node takes no new work'),
  resume: text.optional().describe('Command that lets it take new work again'),
  active: text.describe('Command that prints how many sessions or jobs are still there'),
  timeout: duration.optional().describe('How long to wait for zero; nothing is killed then either (2h)'),
});

/** A way to empty a stateful node, as the fleet knows it. */
export function drainOf(drainName: string, given: z.output<typeof drainSchema>): DrainSpec {
  return {
    name: drainName,
    on: given.on,
    stopAccepting: given.stop_accepting,
    resume: given.resume ?? null,
    active: given.active,
    timeoutMs: given.timeout ?? 2 * 3_600_000,
  };
}

export const maintenanceSchema = z.strictObject({
  on: text.describe('Command that begins it'),
  off: text.describe('Command that ends it'),
  check: text.optional().describe('Command that succeeds while it lasts'),
});
