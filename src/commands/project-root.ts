import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Folder of the project: the nearest above this code (source or bundle) that holds config/demo.yaml. */
export function projectRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'config', 'demo.yaml'))) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error('the folder of Quarterdeck itself was not found: config/demo.yaml is missing');
    folder = parent;
  }
  return folder;
}
