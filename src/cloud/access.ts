import { readFileSync } from 'node:fs';
import type { BackupSpec, Fleet, PoolSpec, Setting, Source } from '../fleet/definition.ts';
import type { CloudAccess } from './calls.ts';

type GceSource = Extract<Source, { kind: 'gce' }>;
type AzureSource = Extract<Source, { kind: 'azure' }>;

/** Where and as whom a pool's or a disk's cloud is asked; `why` names the line of the fleet file that is missing. */
export type CloudAccessResult =
  /** `resourceGroup` is `null` for GCE. */
  { readonly ok: true; readonly access: CloudAccess; readonly resourceGroup: string | null } | { readonly ok: false; readonly why: string };

/** The access of the inventory source that a pool or a disk belongs to; `project` and `resourceGroup` of the spec win over the source's. */
export function cloudAccessOf(fleet: Fleet, spec: PoolSpec | BackupSpec): CloudAccessResult {
  const place = `${'memberRoles' in spec ? 'pools' : 'backups'}.${spec.name}`;
  return spec.kind.startsWith('azure-') ? azureAccess(fleet, spec, place) : gceAccess(fleet, spec, place);
}

function gceAccess(fleet: Fleet, spec: PoolSpec | BackupSpec, place: string): CloudAccessResult {
  const sources = fleet.sources.filter((source): source is GceSource => source.kind === 'gce');
  const [first] = sources;
  if (first === undefined) {
    return { ok: false, why: `${place} lies in Google Cloud, and ${fleet.file} lists no source "- gce: { project: … }" under inventory` };
  }
  const project = optionOf(spec, 'project');
  if (project !== null) {
    const own = sources.find((source) => source.project.kind === 'literal' && source.project.value === project) ?? first;
    return { ok: true, access: { ...accessOf(own), provider: 'gce', scope: { kind: 'literal', value: project } }, resourceGroup: null };
  }
  const zone = optionOf(spec, 'zone') ?? optionOf(spec, 'region');
  const near = sources.filter((source) => source.zones.length === 0 || zone === null || source.zones.some((each) => each.startsWith(zone)));
  const fitting = near.length > 0 ? near : sources;
  if (new Set(fitting.map((source) => JSON.stringify(source.project))).size > 1) {
    return { ok: false, why: `${place} needs "project: …" in ${fleet.file}: the inventory lists several Google Cloud projects` };
  }
  const source = fitting[0] ?? first;
  return { ok: true, access: { ...accessOf(source), provider: 'gce', scope: source.project }, resourceGroup: null };
}

function azureAccess(fleet: Fleet, spec: PoolSpec | BackupSpec, place: string): CloudAccessResult {
  const sources = fleet.sources.filter((source): source is AzureSource => source.kind === 'azure');
  const wanted = optionOf(spec, 'resourceGroup');
  const groups = sources.map((source) => ({ source, group: source.resourceGroup === null ? null : plainValue(source.resourceGroup) }));
  const [first] = groups;
  if (first === undefined) {
    return { ok: false, why: `${place} lies in Azure, and ${fleet.file} lists no source "- azure: { subscription: … }" under inventory` };
  }
  if (wanted !== null) {
    const own = groups.find(({ group }) => group?.toLowerCase() === wanted.toLowerCase()) ?? first;
    return { ok: true, access: { ...accessOf(own.source), provider: 'azure', scope: own.source.subscription }, resourceGroup: wanted };
  }
  const named = groups.filter(({ group }) => group !== null);
  const [one] = named;
  if (one === undefined || one.group === null || new Set(named.map(({ group }) => group?.toLowerCase())).size > 1) {
    const why = one === undefined ? 'no Azure source of the inventory names one that can be read' : 'the inventory lists several';
    return { ok: false, why: `${place} needs "resourceGroup: …" in ${fleet.file}: ${why}` };
  }
  return { ok: true, access: { ...accessOf(one.source), provider: 'azure', scope: one.source.subscription }, resourceGroup: one.group };
}

function accessOf(source: GceSource | AzureSource): Pick<CloudAccess, 'endpoint' | 'ca' | 'token'> {
  return { endpoint: source.endpoint, ca: source.ca, token: source.token };
}

function optionOf(spec: PoolSpec | BackupSpec, key: string): string | null {
  const value = spec.options[key];
  return typeof value === 'string' ? value : null;
}

/** The name of a resource group is no secret, and a plan needs it in words; `null` when its variable or file gives none. */
function plainValue(setting: Setting): string | null {
  if (setting.kind === 'literal') return setting.value;
  if (setting.kind === 'env') return process.env[setting.name]?.trim() || null;
  try {
    return readFileSync(setting.path, 'utf8').trim() || null;
  } catch {
    return null;
  }
}
