import type { Fleet, Source } from '../fleet/definition.ts';
import { createAzureProvider } from './azure-provider.ts';
import type { CloudWays } from './cloud-provider.ts';
import { createGceProvider } from './gce-provider.ts';
import { createLocalProvider } from './local-provider.ts';
import type { Provider } from './provider.ts';
import { createStaticProvider } from './static-provider.ts';

/** One provider for each inventory source of the fleet, in the file's order. */
export function createProviders(fleet: Fleet, ways: CloudWays): Provider[] {
  return fleet.sources.map((source) => createProvider(source, fleet, ways));
}

function createProvider(source: Source, { environments }: Fleet, ways: CloudWays): Provider {
  switch (source.kind) {
    case 'static':
      return createStaticProvider(source, environments);
    case 'local':
      return createLocalProvider(source, environments);
    case 'gce':
      return createGceProvider(source, environments, ways);
    case 'azure':
      return createAzureProvider(source, environments, ways);
  }
}
