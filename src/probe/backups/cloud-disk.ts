import type { CloudAccess, CloudDisk } from '../../cloud/calls.ts';
import type { BackupSpec, Fleet, Source } from '../../fleet/definition.ts';
import type { Host } from '../../fleet/host.ts';
import { textOption } from './place.ts';

export interface DiskPlace {
  readonly access: CloudAccess;
  readonly disk: CloudDisk;
}

/** Which disk of which cloud a snapshot is of, or why that cannot be told, naming the key that is missing. */
export function diskOf(fleet: Fleet, spec: BackupSpec, host: Host): DiskPlace | string {
  const disk = textOption(spec, 'disk') ?? '';
  return spec.kind === 'gce-snapshot' ? gceDisk(fleet, spec, host, disk) : azureDisk(fleet, spec, host, disk);
}

function gceDisk(fleet: Fleet, spec: BackupSpec, host: Host, disk: string): DiskPlace | string {
  const source = sourceOf(fleet, host, 'gce');
  if (source === null) return `backups.${spec.name}: the fleet file has no gce source that ${host.name} could belong to`;
  const zone = textOption(spec, 'zone') ?? host.zone;
  if (zone === null) return `backups.${spec.name}.zone is missing: the inventory does not say the zone of ${host.name}`;
  const project = textOption(spec, 'project');
  const { endpoint, ca, token } = source;
  const scope = project === null ? source.project : { kind: 'literal' as const, value: project };
  return { access: { provider: 'gce', scope, endpoint, ca, token }, disk: { kind: 'gce-disk', zone, disk } };
}

function azureDisk(fleet: Fleet, spec: BackupSpec, host: Host, disk: string): DiskPlace | string {
  const source = sourceOf(fleet, host, 'azure');
  if (source === null) return `backups.${spec.name}: the fleet file has no azure source that ${host.name} could belong to`;
  const ofSource = source.resourceGroup?.kind === 'literal' ? source.resourceGroup.value : null;
  const resourceGroup = textOption(spec, 'resourceGroup') ?? ofSource;
  if (resourceGroup === null) return `backups.${spec.name}.resourceGroup is missing: the fleet file does not say it`;
  const { endpoint, ca, token, subscription } = source;
  return { access: { provider: 'azure', scope: subscription, endpoint, ca, token }, disk: { kind: 'azure-disk', resourceGroup, disk } };
}

/** The host's own source, else the only one of the kind. */
function sourceOf<Kind extends 'gce' | 'azure'>(fleet: Fleet, host: Host, kind: Kind): Extract<Source, { readonly kind: Kind }> | null {
  const isKind = (source: Source): source is Extract<Source, { readonly kind: Kind }> => source.kind === kind;
  const own = fleet.sources.find((source) => source.name === host.source);
  if (own !== undefined && isKind(own)) return own;
  const [only, second] = fleet.sources.filter(isKind);
  return second === undefined ? (only ?? null) : null;
}
