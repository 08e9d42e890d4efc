import type { PoolSpec } from '../../fleet/definition.ts';
import { cloudPool } from './kinds/cloud-pool.ts';
import { command } from './kinds/command.ts';
import { haproxy } from './kinds/haproxy.ts';
import { healthFile } from './kinds/health-file.ts';
import { nginxUpstream } from './kinds/nginx-upstream.ts';
import type { PoolKind } from './pool-kind.ts';

/** How each kind of pool is changed. */
export const poolKinds: Readonly<Record<PoolSpec['kind'], PoolKind>> = {
  'gce-target-pool': cloudPool,
  'gce-instance-group': cloudPool,
  'gce-neg': cloudPool,
  'azure-lb': cloudPool,
  haproxy,
  'nginx-upstream': nginxUpstream,
  'health-file': healthFile,
  command,
};
