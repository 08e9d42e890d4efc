import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse, stringify } from 'yaml';
import * as z from 'zod';
import type { Lab } from './lab.ts';

/** Id of the example of the playbook format. */
export const example = 'web-node-pencils-down';
/** The example as it is published, word for word. */
const examplePage = fileURLToPath(new URL(`../playbook/fixtures/${example}.yaml`, import.meta.url));
const ownPages = fileURLToPath(new URL('./playbooks', import.meta.url));

const fleetSchema = z.looseObject({ pools: z.object({ edge: z.looseObject({}) }) });

/**
 * The lab's fleet file for the example, which calls the pool `web`; it names a folder of the example and the lab's own pages.
 * `change` may shorten a wait that a test would only sit through. Returns the fleet file's path.
 */
export function playbookFleet(lab: Lab, name: string, change: (page: string) => string = (page) => page): string {
  const folder = join(lab.record.folder, name);
  mkdirSync(folder, { mode: 0o700 });
  writeFileSync(join(folder, `${example}.yaml`), change(readFileSync(examplePage, 'utf8')), { mode: 0o600 });
  cpSync(ownPages, folder, { recursive: true });
  const { pools, ...rest } = fleetSchema.parse(parse(readFileSync(lab.fleetFile, 'utf8')));
  const web = { ...pools.edge, drain: { until: 'connections', ports: [80, 443], atMost: 5, timeout: '30s' } };
  const file = join(lab.record.folder, `${name}.yaml`);
  writeFileSync(file, stringify({ ...rest, pools: { web }, playbooks: folder }), { mode: 0o600 });
  return file;
}
