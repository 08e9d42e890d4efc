import type { CloudAccess } from '../cloud/calls.ts';
import type { Environment, Source } from '../fleet/definition.ts';
import { type CloudWays, createCloudProvider } from './cloud-provider.ts';
import type { Provider } from './provider.ts';

/** Instances of a Google Cloud project. */
export function createGceProvider(
  source: Extract<Source, { kind: 'gce' }>,
  environments: readonly Environment[],
  ways: CloudWays,
): Provider {
  const { project, endpoint, ca, token, zones, filter } = source;
  const access: CloudAccess = { provider: 'gce', scope: project, endpoint, ca, token };
  return createCloudProvider(source, environments, access, async () => ({ call: 'hosts', zones, filter, resourceGroup: null }), ways);
}
