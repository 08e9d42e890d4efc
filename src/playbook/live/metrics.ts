import { mostOf } from '../../fleet/figures.ts';
import type { HostView } from '../../fleet/view.ts';

/** Figures of a host that a playbook may ask for; `disk:/data` and `inodes:/data` name a mount. */
export const metricNames = ['cpu', 'iowait', 'steal', 'load', 'memory', 'swap', 'nfs_ms', 'nfs_iops', 'io_iops', 'disk', 'inodes'] as const;

/** `null` when it is not measured, `undefined` when there is no such figure. Per cent, ms, or a second. */
export function metricOf(view: HostView, name: string): number | null | undefined {
  const { sample } = view;
  const [figure, mount] = name.split(/:(.*)/s);
  const disks = (sample?.disks ?? []).filter((disk) => mount === undefined || disk.mount === mount);
  switch (figure) {
    case 'cpu':
      return sample?.cpu?.usedPct ?? null;
    case 'iowait':
      return sample?.cpu?.iowaitPct ?? null;
    case 'steal':
      return sample?.cpu?.stealPct ?? null;
    case 'load':
      return sample?.cpu?.load1 ?? null;
    case 'memory':
      return sample?.memory?.usedPct ?? null;
    case 'swap':
      return sample?.memory?.swapUsedPct ?? null;
    case 'nfs_ms':
      return mostOf((sample?.nfsMounts ?? []).map((each) => each.exeMs));
    case 'nfs_iops':
      return sample?.nfsServer?.iops ?? null;
    case 'io_iops':
      return sample?.io?.iops ?? null;
    case 'disk':
      return mostOf(disks.map((disk) => disk.usedPct));
    case 'inodes':
      return mostOf(disks.map((disk) => disk.inodesUsedPct));
    default:
      return undefined;
  }
}
