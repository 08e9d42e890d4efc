import type { DemoClock } from '../clock.ts';
import { ArmOperations } from './arm-operations.ts';
import { balancerRoutes } from './azure-balancers.ts';
import { machineRoutes } from './azure-machines.ts';
import { azureSnapshotRoutes } from './azure-snapshots.ts';
import type { AzureWorld } from './azure-world.ts';
import { CloudFault } from './cloud-fault.ts';
import { CloudHttp } from './cloud-http.ts';
import type { CloudLevers } from './cloud-levers.ts';

export interface AzureServerOptions {
  readonly world: AzureWorld;
  readonly token: string;
  readonly levers: CloudLevers;
  readonly clock: DemoClock;
  /** How long an operation takes, ms. */
  readonly operationMs?: number;
  /** Entries of one page of a list. */
  readonly pageSize?: number;
}

/** Seconds that a caller over its quota is told to wait. */
const retryAfterS = 17;

/** A server that answers as Azure Resource Manager does for one subscription. */
export function azureServer({ world, token, levers, clock, operationMs = 900, pageSize = 100 }: AzureServerOptions): CloudHttp {
  const operations = new ArmOperations(clock, world.subscription, world.location, operationMs);
  return new CloudHttp({
    routes: [
      ...machineRoutes(world, pageSize),
      ...balancerRoutes(world, operations),
      ...azureSnapshotRoutes(world, operations, clock, pageSize),
      ...operations.routes(),
    ],
    answered: () => {
      levers.answeredAt.azure = clock.now();
    },
    token: () => (levers.expired ? null : token),
    admit: () => {
      if (levers.throttled)
        throw new CloudFault(429, 'TooManyRequests', 'The request is being throttled as the limit has been reached for this operation.', {
          'retry-after': String(retryAfterS),
        });
    },
    unauthorized: new CloudFault(
      401,
      'ExpiredAuthenticationToken',
      'The access token expiry UTC time is earlier than the current UTC time.',
      {
        'www-authenticate':
          'Bearer authorization_uri="https://login.windows.net/common", error="invalid_token", error_description="The access token has expired."',
      },
    ),
    notFound: (path) =>
      path.toLowerCase().startsWith(`/subscriptions/${world.subscription.toLowerCase()}/`)
        ? new CloudFault(404, 'InvalidResourceType', `The resource type of '${path}' could not be found.`)
        : new CloudFault(404, 'SubscriptionNotFound', `The subscription of '${path}' could not be found.`),
    refuse: ({ reason, message }) => ({ error: { code: reason, message } }),
  });
}
