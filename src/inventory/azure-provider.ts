import type { CloudAccess } from '../cloud/calls.ts';
import { resolveSetting } from '../config/resolve-setting.ts';
import type { Environment, Source } from '../fleet/definition.ts';
import { type CloudWays, createCloudProvider } from './cloud-provider.ts';
import type { Provider } from './provider.ts';

/** Virtual machines of an Azure subscription, or of one resource group of it. */
export function createAzureProvider(
  source: Extract<Source, { kind: 'azure' }>,
  environments: readonly Environment[],
  ways: CloudWays,
): Provider {
  const { subscription, resourceGroup, endpoint, ca, token } = source;
  const access: CloudAccess = { provider: 'azure', scope: subscription, endpoint, ca, token };
  const call = async () => {
    const group = resourceGroup === null ? null : (await resolveSetting(resourceGroup)).reveal();
    return { call: 'hosts', zones: [], filter: null, resourceGroup: group } as const;
  };
  return createCloudProvider(source, environments, access, call, ways);
}
