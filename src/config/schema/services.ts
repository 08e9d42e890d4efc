import * as z from 'zod';
import type { ServiceSpec } from '../../fleet/definition.ts';
import { durationOrZero, isName, key, name, names, port, remotePath, text } from './values.ts';

const managers = ['systemd', 'systemd-user', 'sysv', 'docker', 'docker-compose', 'supervisor'] as const;

const serviceKeys = z.strictObject({
  on: names.describe('Role or roles it runs on'),
  manager: z.enum(managers).describe('What starts and stops it'),
  unit: z
    .string()
    .refine(isName, 'must be a unit name without spaces or a leading "-"')
    .optional()
    .describe("Unit, script, container or program; the service's own name when left out"),
  container: z.string().refine(isName, 'must be a container name').optional().describe('The same as unit, for docker'),
  project: name.optional().describe('Compose project'),
  port: port.optional().describe('TCP port that it listens on'),
  socket: remotePath.optional().describe('Unix socket that it listens on'),
  precheck: text.optional().describe('Command that must succeed before a restart'),
  verify: z
    .union([name.transform((value) => [value]), z.array(name)], { error: 'must be a list of checks' })
    .optional()
    .describe('Checks that prove a restart'),
  key: key.optional().describe('Second key after r'),
  stateful: z.boolean().optional().describe('Forbids a plain restart'),
  hold: durationOrZero.optional().describe('How long the proof must hold (5s)'),
});

export const serviceSchema = serviceKeys.refine(
  ({ unit, container }) => unit === undefined || container === undefined,
  'must not give both unit and container',
);

type Given = z.output<typeof serviceSchema>;

/** A service as the fleet knows it. */
export function serviceOf(serviceName: string, given: Given): ServiceSpec {
  return {
    name: serviceName,
    on: given.on,
    manager: given.manager,
    unit: given.unit ?? given.container ?? serviceName,
    project: given.project ?? null,
    port: given.port ?? null,
    socket: given.socket ?? null,
    precheck: given.precheck ?? null,
    verify: given.verify ?? [],
    key: given.key ?? null,
    stateful: given.stateful ?? false,
    holdMs: given.hold ?? 5000,
  };
}
