import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { environmentFor } from '../../src/inventory/assign.ts';
import { contactsOf } from '../../src/fleet/contact.ts';
import * as z from 'zod';
import { describe, expect, test } from 'vitest';
import { fleetJsonSchema } from '../../src/config/fleet-schema.ts';
import { loadFleet } from '../../src/config/load-fleet.ts';
import { loadContacts } from '../../src/config/load-contacts.ts';
import { formatProblem } from '../../src/config/problem.ts';

const config = join(import.meta.dirname, '..', '..', 'config');

describe('the files that ship', () => {
  test('the committed JSON Schema is what the code makes; else run scripts/write-schema.ts', () => {
    const committed: unknown = JSON.parse(readFileSync(join(config, 'fleet.schema.json'), 'utf8'));
    expect(committed).toEqual(JSON.parse(JSON.stringify(fleetJsonSchema())));
  });

  test('the schema is draft-07 and refuses unknown keys at the top', () => {
    expect(fleetJsonSchema()).toMatchObject({
      $schema: 'http://json-schema.org/draft-07/schema#',
      additionalProperties: false,
      required: ['fleet', 'inventory'],
    });
  });

  test('what the schema refers to is in it, and takes a value of its own or a name to be asked', () => {
    const text = JSON.stringify(fleetJsonSchema());
    const { definitions } = z.object({ definitions: z.record(z.string(), z.unknown()) }).parse(fleetJsonSchema());
    const named = new Set([...text.matchAll(/"\$ref":"#\/definitions\/(\w+)"/g)].map((found) => found[1]));
    expect(named).toEqual(new Set(Object.keys(definitions)));
    const asked = { $ref: '#/definitions/asked' };
    expect(definitions).toMatchObject({
      text: { anyOf: [{ type: 'string' }, asked] },
      port: { anyOf: [{ type: 'integer', maximum: 65_535 }, asked] },
    });
    // Whatever is read for each place in a word keeps what it is for.
    // One address or several: the one may be asked for.
    expect(text).toContain('"to":{"description":"Address or addresses","$ref":"#/definitions/texts"}');
    expect(fleetJsonSchema()).toMatchObject({ properties: { title: { $ref: '#/definitions/text', description: 'Name shown to people' } } });
  });

  test('the demo fleet is right, and every host of it is in production', async () => {
    const result = await loadFleet(join(config, 'demo.yaml'), '/home/ann');
    if (!result.ok) throw new Error(result.problems.map(formatProblem).join('\n'));
    expect(result.notes).toEqual([]);
    const { sources, services, checks, pools, backups } = result.fleet;
    expect(sources.map(({ kind, name }) => `${kind} ${name}`)).toEqual(['gce gce:quarterdeck-demo', 'azure azure:edge']);
    const roles = sources.flatMap((source) => ('roles' in source ? source.roles.map(({ role }) => role) : []));
    expect(roles).toEqual(['web', 'nfs', 'lb']);
    const { environments } = result.fleet;
    expect(['web1', 'nfs1', 'lb1'].map((name) => environmentFor(environments, { name, labels: {} }, null))).toEqual([
      'prod',
      'prod',
      'prod',
    ]);
    expect(services.map(({ name }) => name)).toEqual(['nginx', 'pencils', 'pencilsock', 'uwsgi', 'nfs-server', 'haproxy']);
    expect(checks.map(({ name }) => name)).toEqual(['load', 'static', 'version']);
    expect(pools.map(({ name, kind }) => `${name} ${kind}`)).toEqual(['web haproxy']);
    expect([result.fleet.routines.daily.length, result.fleet.routines.weekly.length]).toEqual([2, 2]);
    expect(backups.map(({ name, kind }) => `${name} ${kind}`)).toEqual(['data rsync']);
  });

  test('the people of the demo fleet come with it, whatever modes the checkout gave their file', async () => {
    const path = join(config, 'demo', 'contacts.yaml');
    const result = await loadFleet(join(config, 'demo.yaml'), '/home/ann');
    expect(result.ok && result.fleet.contacts).toBe(path);
    const read = await loadContacts(path, 'program');
    if (!read.ok) throw new Error(read.problems.map(formatProblem).join('\n'));
    expect(contactsOf(read.contacts, { name: 'web2', role: 'web' }).map(({ name }) => name)).toEqual([
      'Robin of the hosting desk',
      'Hosting desk',
    ]);
    for (const { phone, mail } of read.contacts) expect(phone ?? mail).toMatch(/^\+1 555 01\d\d$|@example\.org$/);
  });
});
