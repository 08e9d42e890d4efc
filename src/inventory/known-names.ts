import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { goodListFile, maxListBytes } from './last-good-list.ts';

/** Names and addresses of every host that a cloud ever listed to this state directory last, and their zones; empty where nothing is kept. */
export function namesInGoodLists(stateDir: string): { readonly hosts: readonly string[]; readonly zones: readonly string[] } {
  const folder = join(stateDir, 'inventory');
  const hosts = filesIn(folder).flatMap((file) => goodListFile(textOf(join(folder, file)))?.hosts ?? []);
  return {
    hosts: hosts.flatMap((host) => [host.name, host.privateAddress, host.publicAddress].filter((name) => name !== null)),
    zones: [...new Set(hosts.flatMap((host) => [host.zone, host.resourceGroup].filter((name) => name !== null)))],
  };
}

function filesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).filter((name) => name.endsWith('.json'));
  } catch {
    return [];
  }
}

function textOf(path: string): string {
  try {
    const stat = statSync(path);
    return stat.isFile() && stat.size <= maxListBytes ? readFileSync(path, 'utf8') : '';
  } catch {
    return '';
  }
}
