import { AsyncLocalStorage } from 'node:async_hooks';
import type { BackendServicesClient } from '@google-cloud/compute/build/src/v1/backend_services_client.js';
import type { GlobalOperationsClient } from '@google-cloud/compute/build/src/v1/global_operations_client.js';
import type { InstanceGroupManagersClient } from '@google-cloud/compute/build/src/v1/instance_group_managers_client.js';
import type { InstanceGroupsClient } from '@google-cloud/compute/build/src/v1/instance_groups_client.js';
import type { InstancesClient } from '@google-cloud/compute/build/src/v1/instances_client.js';
import type { NetworkEndpointGroupsClient } from '@google-cloud/compute/build/src/v1/network_endpoint_groups_client.js';
import type { RegionOperationsClient } from '@google-cloud/compute/build/src/v1/region_operations_client.js';
import type { SnapshotsClient } from '@google-cloud/compute/build/src/v1/snapshots_client.js';
import type { TargetPoolsClient } from '@google-cloud/compute/build/src/v1/target_pools_client.js';
import type { ZoneOperationsClient } from '@google-cloud/compute/build/src/v1/zone_operations_client.js';
import type { AuthClient } from 'google-auth-library';
import { isLoopback } from '../child-program.ts';
import { CloudCallError, type ProviderSession } from '../provider-calls.ts';

/** The clients of one right: each loaded and built at its first use, once, since building one hashes 12 MB. */
export interface GceClients {
  readonly instances: () => Promise<InstancesClient>;
  readonly targetPools: () => Promise<TargetPoolsClient>;
  readonly instanceGroups: () => Promise<InstanceGroupsClient>;
  readonly instanceGroupManagers: () => Promise<InstanceGroupManagersClient>;
  readonly networkEndpointGroups: () => Promise<NetworkEndpointGroupsClient>;
  readonly backendServices: () => Promise<BackendServicesClient>;
  readonly snapshots: () => Promise<SnapshotsClient>;
  readonly zoneOperations: () => Promise<ZoneOperationsClient>;
  readonly regionOperations: () => Promise<RegionOperationsClient>;
  readonly globalOperations: () => Promise<GlobalOperationsClient>;
}

/** What the newest answer to one attempt said of waiting; the SDK drops the header. */
export const seenByAttempt = new AsyncLocalStorage<{ retryAfter: string | null }>();

const scopes = {
  read: 'https://www.googleapis.com/auth/compute.readonly',
  write: 'https://www.googleapis.com/auth/compute',
};
const anHourMs = 3_600_000;

/** Clients that may only read, or may change as well. Ambient credentials are asked for no more than that. */
export function createClients(session: ProviderSession, right: 'read' | 'write'): GceClients {
  const options = once(() => clientOptions(session, right));
  return {
    instances: once(
      async () => new (await import('@google-cloud/compute/build/src/v1/instances_client.js')).InstancesClient(await options()),
    ),
    targetPools: once(
      async () => new (await import('@google-cloud/compute/build/src/v1/target_pools_client.js')).TargetPoolsClient(await options()),
    ),
    instanceGroups: once(
      async () => new (await import('@google-cloud/compute/build/src/v1/instance_groups_client.js')).InstanceGroupsClient(await options()),
    ),
    instanceGroupManagers: once(
      async () =>
        new (await import('@google-cloud/compute/build/src/v1/instance_group_managers_client.js')).InstanceGroupManagersClient(
          await options(),
        ),
    ),
    networkEndpointGroups: once(
      async () =>
        new (await import('@google-cloud/compute/build/src/v1/network_endpoint_groups_client.js')).NetworkEndpointGroupsClient(
          await options(),
        ),
    ),
    backendServices: once(
      async () =>
        new (await import('@google-cloud/compute/build/src/v1/backend_services_client.js')).BackendServicesClient(await options()),
    ),
    snapshots: once(
      async () => new (await import('@google-cloud/compute/build/src/v1/snapshots_client.js')).SnapshotsClient(await options()),
    ),
    zoneOperations: once(
      async () => new (await import('@google-cloud/compute/build/src/v1/zone_operations_client.js')).ZoneOperationsClient(await options()),
    ),
    regionOperations: once(
      async () =>
        new (await import('@google-cloud/compute/build/src/v1/region_operations_client.js')).RegionOperationsClient(await options()),
    ),
    globalOperations: once(
      async () =>
        new (await import('@google-cloud/compute/build/src/v1/global_operations_client.js')).GlobalOperationsClient(await options()),
    ),
  };
}

/** Builds at the first call; what could not be built is tried anew at the next. */
function once<T>(build: () => Promise<T>): () => Promise<T> {
  let built: Promise<T> | null = null;
  return () => {
    built ??= build().catch((error: unknown) => {
      built = null;
      throw error;
    });
    return built;
  };
}

async function clientOptions(session: ProviderSession, right: 'read' | 'write') {
  const authClient = await authOf(session, right);
  authClient.transporter.interceptors.response.add({
    resolved: async (response) => {
      const seen = seenByAttempt.getStore();
      if (seen !== undefined) seen.retryAfter = response.headers.get('retry-after');
      return response;
    },
  });
  if (session.endpoint === null) return { authClient };
  const url = new URL(session.endpoint);
  if (url.pathname !== '/' || url.search !== '') {
    throw new CloudCallError(
      'endpoint',
      `The endpoint ${session.endpoint} has a path, which Google's SDK cannot use; give only the host and the port.`,
    );
  }
  const protocol = url.protocol === 'http:' ? 'http' : 'https';
  // A port within apiEndpoint is ignored: the client goes to 443 then.
  return { authClient, apiEndpoint: url.hostname, port: Number(url.port) || (protocol === 'http' ? 80 : 443), protocol };
}

async function authOf({ endpoint, token }: ProviderSession, right: 'read' | 'write'): Promise<AuthClient> {
  const { GoogleAuth, OAuth2Client, PassThroughClient } = await import('google-auth-library');
  const plain = endpoint?.startsWith('http:') === true;
  if (token !== null) {
    if (plain && !isLoopback(endpoint)) {
      throw new CloudCallError('endpoint', `The token would go to ${endpoint} unencrypted; use https, or leave the token out.`);
    }
    const client = new OAuth2Client();
    client.setCredentials({ access_token: token.reveal(), expiry_date: Date.now() + anHourMs });
    return client;
  }
  if (plain) return new PassThroughClient();
  return await new GoogleAuth({ scopes: [scopes[right]] }).getClient();
}
