import { cloudAccessOf } from '../../cloud/access.ts';
import type { CloudAccess, CloudDisk } from '../../cloud/calls.ts';
import type { BackupSpec, Fleet } from '../../fleet/definition.ts';
import type { Host } from '../../fleet/host.ts';
import { textOption } from './place.ts';

export interface DiskPlace {
  readonly access: CloudAccess;
  readonly disk: CloudDisk;
}

/** Which disk of which cloud a snapshot is of, or why that cannot be told, naming the key that is missing. */
export function diskOf(fleet: Fleet, spec: BackupSpec, host: Host): DiskPlace | string {
  const found = cloudAccessOf(fleet, spec);
  if (!found.ok) return found.why;
  const { access, resourceGroup } = found;
  const disk = textOption(spec, 'disk') ?? '';
  if (access.provider === 'azure')
    return resourceGroup === null
      ? `backups.${spec.name}.resourceGroup is missing`
      : { access, disk: { kind: 'azure-disk', resourceGroup, disk } };
  const zone = textOption(spec, 'zone') ?? host.zone;
  if (zone === null) return `backups.${spec.name}.zone is missing, and the inventory does not say the zone of ${host.name}`;
  return { access, disk: { kind: 'gce-disk', zone, disk } };
}
