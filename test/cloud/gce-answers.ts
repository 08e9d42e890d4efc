/** Answers as compute.googleapis.com gives them (shapes from its API reference and from recorded listings), cut to what matters. */

export const project = 'paris-code';
const base = `https://www.googleapis.com/compute/v1/projects/${project}`;

export interface InstanceGiven {
  readonly name: string;
  readonly zone: string;
  readonly status?: string;
  readonly ip?: string | null;
  readonly natIp?: string | null;
  readonly labels?: Readonly<Record<string, string>>;
  readonly tags?: readonly string[];
}

export function instance({ name, zone, status = 'RUNNING', ip = '10.0.0.1', natIp = null, labels = {}, tags = [] }: InstanceGiven): object {
  return {
    kind: 'compute#instance',
    id: '5820373649018273645',
    creationTimestamp: '2026-01-05T02:12:33.120-08:00',
    name,
    description: '',
    tags: { items: tags, fingerprint: 'nEGmT8E0Ufo=' },
    machineType: `${base}/zones/${zone}/machineTypes/e2-standard-4`,
    status,
    zone: `${base}/zones/${zone}`,
    canIpForward: false,
    networkInterfaces: [
      {
        kind: 'compute#networkInterface',
        network: `${base}/global/networks/default`,
        ...(ip === null ? {} : { networkIP: ip }),
        name: 'nic0',
        ...(natIp === null
          ? {}
          : { accessConfigs: [{ kind: 'compute#accessConfig', type: 'ONE_TO_ONE_NAT', name: 'External NAT', natIP: natIp }] }),
        fingerprint: 'q1w2e3r4t5y=',
        stackType: 'IPV4_ONLY',
      },
    ],
    disks: [{ kind: 'compute#attachedDisk', type: 'PERSISTENT', mode: 'READ_WRITE', boot: true, diskSizeGb: '50', index: 0 }],
    metadata: { kind: 'compute#metadata', fingerprint: 'aa==', items: [{ key: 'kube-env', value: 'KUBELET_KEY: canary-of-metadata' }] },
    serviceAccounts: [{ email: 'default', scopes: ['https://www.googleapis.com/auth/compute'] }],
    scheduling: { onHostMaintenance: 'MIGRATE', automaticRestart: true, preemptible: false, provisioningModel: 'STANDARD' },
    labels,
    labelFingerprint: '42WmSpB8rSM=',
    selfLink: `${base}/zones/${zone}/instances/${name}`,
    startRestricted: false,
    deletionProtection: false,
    fingerprint: '0F3k9sR5Mss=',
  };
}

/** One page of `aggregated/instances`: scope → instances, or a warning code. */
export function aggregatedPage(
  zones: Readonly<Record<string, readonly object[] | string>>,
  more: { readonly nextPageToken?: string; readonly unreachables?: readonly string[] } = {},
): object {
  const items = Object.entries(zones).map(([zone, found]): [string, object] => [
    `zones/${zone}`,
    typeof found === 'string' ? { warning: warning(found, zone) } : { instances: found },
  ]);
  return {
    kind: 'compute#instanceAggregatedList',
    id: `projects/${project}/aggregated/instances`,
    items: Object.fromEntries(items),
    selfLink: `${base}/aggregated/instances`,
    ...more,
  };
}

function warning(code: string, zone: string): object {
  return {
    code,
    message: code === 'UNREACHABLE' ? `The zone ${zone} is unreachable.` : `There are no results for scope 'zones/${zone}' on this page.`,
    data: [{ key: 'scope', value: `zones/${zone}` }],
  };
}

/** The body of an error, as all of Google's older APIs write it. */
export function failure(code: number, reason: string, message: string): object {
  return {
    error: { code, message, errors: [{ message, domain: code === 403 && reason.includes('Limit') ? 'usageLimits' : 'global', reason }] },
  };
}

export function operation(place: string, status: string, more: object = {}): object {
  return {
    kind: 'compute#operation',
    id: '1234567890123456789',
    name: 'operation-1700000000000-abc',
    operationType: 'change',
    targetLink: `${base}/${place}`,
    status,
    user: 'ops@example.org',
    progress: status === 'DONE' ? 100 : 0,
    insertTime: '2026-01-05T02:12:33.120-08:00',
    selfLink: `${base}/${place}/operations/operation-1700000000000-abc`,
    ...more,
  };
}

export const instanceLink = (zone: string, name: string): string => `${base}/zones/${zone}/instances/${name}`;
export const link = (path: string): string => `${base}/${path}`;
