import type { DemoClock } from '../clock.ts';
import { CloudFault } from './cloud-fault.ts';
import { CloudHttp } from './cloud-http.ts';
import type { CloudLevers } from './cloud-levers.ts';
import { backendRoutes } from './gce-backends.ts';
import { instanceRoutes } from './gce-instances.ts';
import { GceOperations } from './gce-operations.ts';
import { poolRoutes } from './gce-pools.ts';
import { snapshotRoutes } from './gce-snapshots.ts';
import type { GceWorld } from './gce-world.ts';

export interface GceServerOptions {
  readonly world: GceWorld;
  readonly token: string;
  readonly levers: CloudLevers;
  readonly clock: DemoClock;
  /** How long an operation takes, and how long a snapshot is uploaded after it, ms. */
  readonly operationMs?: number;
  readonly uploadMs?: number;
}

/** A server that answers as the Compute Engine API (v1) does for one project. */
export function gceServer({ world, token, levers, clock, operationMs = 900, uploadMs = 4000 }: GceServerOptions): CloudHttp {
  const prefix = `/compute/v1/projects/${world.project}`;
  const operations = new GceOperations(clock, world.project, operationMs);
  return new CloudHttp({
    routes: [
      ...instanceRoutes(prefix, world, levers, clock),
      ...poolRoutes(prefix, world, operations),
      ...backendRoutes(prefix, world, operations, clock),
      ...snapshotRoutes(prefix, world, operations, clock, uploadMs),
      ...operations.routes(prefix),
    ],
    answered: () => {
      levers.answeredAt.gce = clock.now();
    },
    token: () => (levers.expired ? null : token),
    admit: () => {
      if (levers.throttled)
        throw new CloudFault(
          403,
          'rateLimitExceeded',
          `Quota exceeded for quota metric 'Read requests' and limit 'Read requests per minute' of service 'compute.googleapis.com' for consumer 'projects/${world.project}'.`,
        );
    },
    unauthorized: new CloudFault(
      401,
      'authError',
      'Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential.',
      { 'www-authenticate': 'Bearer realm="https://accounts.google.com/", error="invalid_token"' },
    ),
    notFound: (path) => new CloudFault(404, 'notFound', `The resource '${path.replace(/^.*?\/projects\//, 'projects/')}' was not found`),
    refuse: ({ status, reason, message }) => ({
      error: { code: status, message, errors: [{ message, domain: domainOf(reason), reason }], ...statusWord(status) },
    }),
  });
}

function domainOf(reason: string): string {
  return reason === 'rateLimitExceeded' ? 'usageLimits' : 'global';
}

/** The API adds the name of the gRPC status to some errors only. */
function statusWord(status: number): { readonly status?: string } {
  return status === 401 ? { status: 'UNAUTHENTICATED' } : {};
}
