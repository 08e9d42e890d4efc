import type { Setting, Source } from '../../fleet/definition.ts';
import type { FleetReader } from '../fleet-reader.ts';
import { valueInWords } from '../visible.ts';
import { sourceVariants } from './inventory.ts';

const kinds = ['gce', 'azure', 'static', 'local'] as const;

/** The sources of `inventory` that could be read. `local` makes a path of this machine absolute. */
export function readSources(reader: FleetReader, local: (path: string) => string): Source[] {
  const value = reader.section('inventory');
  const sources: Source[] = [];
  const remedy = 'Give at least one source: gce, azure, static or local.';
  if (value === undefined || (Array.isArray(value) && value.length === 0)) {
    reader.complain(['inventory'], 'key', 'The file names no inventory source.', remedy);
    return sources;
  }
  if (!Array.isArray(value)) {
    reader.complain(
      ['inventory'],
      'value',
      `inventory must be a list of sources, not ${valueInWords(value)}.`,
      'Begin each source with "- ".',
    );
    return sources;
  }
  const taken = new Set<string>();
  for (const [index, item] of value.entries()) {
    const path = ['inventory', index];
    const kind = reader.onlyKey(kinds, item, path, 'where its hosts come from');
    const source = kind === undefined ? null : sourceVariants[kind].read(reader, item, path, '');
    if (source !== null) sources.push({ ...withLocalPaths(source, local), name: uniqueName(source.name, taken) });
  }
  return sources;
}

function uniqueName(wanted: string, taken: Set<string>): string {
  let unique = wanted;
  for (let number = 2; taken.has(unique); number += 1) unique = `${wanted}#${number}`;
  taken.add(unique);
  return unique;
}

function withLocalPaths(source: Source, local: (path: string) => string): Source {
  if (source.kind === 'static' || source.kind === 'local') return source;
  const ca = source.ca === null ? null : local(source.ca);
  const token = localSetting(source.token, local);
  if (source.kind === 'gce') return { ...source, ca, token, project: localSetting(source.project, local) };
  return {
    ...source,
    ca,
    token,
    subscription: localSetting(source.subscription, local),
    resourceGroup: localSetting(source.resourceGroup, local),
  };
}

/** A setting whose file is an absolute path of this machine. */
export function localSetting<T extends Setting | null>(setting: T, local: (path: string) => string): T {
  return setting?.kind === 'file' ? { ...setting, path: local(setting.path) } : setting;
}
