import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fleetJsonSchema } from '../src/config/fleet-schema.ts';

const file = join(import.meta.dirname, '..', 'config', 'fleet.schema.json');
writeFileSync(file, `${JSON.stringify(fleetJsonSchema(), null, 2)}\n`);
