import type { Fleet, Source } from '../fleet/definition.ts';
import { createLocalProvider } from './local-provider.ts';
import type { Provider } from './provider.ts';
import { createStaticProvider } from './static-provider.ts';

/** One provider for each inventory source of the fleet, in the file's order. */
export function createProviders(fleet: Fleet): Provider[] {
  return fleet.sources.map((source) => createProvider(source, fleet));
}

function createProvider(source: Source, fleet: Fleet): Provider {
  switch (source.kind) {
    case 'static':
      return createStaticProvider(source, fleet.environments);
    case 'local':
      return createLocalProvider(source, fleet.environments);
    case 'gce':
      return notYet(source, 'Google Compute Engine inventory is not available yet.');
    case 'azure':
      return notYet(source, 'Azure inventory is not available yet.');
  }
}

function notYet({ name, kind, refreshMs, deadlineMs }: Source, sentence: string): Provider {
  return { name, kind, refreshMs, deadlineMs, list: () => Promise.reject(new Error(sentence)) };
}
