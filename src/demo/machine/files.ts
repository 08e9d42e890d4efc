import { hash01 } from '../random.ts';
import type { Machine } from './machine.ts';

export interface MachineFile {
  readonly bytes: number;
  /** When it was last written, epoch ms. */
  readonly writtenAt: number;
}

interface Kept {
  readonly bytes: number;
  /** A file in use is written again and again, this far apart, ms; `null` for one that is not. */
  readonly everyMs: number | null;
  readonly writtenAt: number;
}

/** Files of a simulated machine, in memory: the tree that its backup copies, and the copies. */
export class MachineFiles {
  readonly #now: () => number;
  readonly #files = new Map<string, Kept>();
  readonly #hidden = new Set<string>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** A file of the machine's own work, written every `everyMs`, or only at `writtenAt`. */
  add(path: string, bytes: number, writtenAt: number, everyMs: number | null = null): void {
    this.#files.set(path, { bytes, writtenAt, everyMs });
  }

  /** Files below a folder that can be seen now, with their whole paths, in their order. */
  below(folder: string): readonly (MachineFile & { readonly path: string })[] {
    const prefix = `${folder.replace(/\/+$/, '')}/`;
    if ([...this.#hidden].some((hidden) => prefix.startsWith(hidden))) return [];
    return [...this.#files]
      .filter(([path]) => path.startsWith(prefix))
      .map(([path, { bytes, everyMs, writtenAt }]) => ({
        path,
        bytes,
        writtenAt: everyMs === null ? writtenAt : Math.floor(this.#now() / everyMs) * everyMs,
      }));
  }

  has(path: string): boolean {
    return this.#files.has(path) && ![...this.#hidden].some((hidden) => path.startsWith(hidden));
  }

  rename(from: string, to: string): void {
    for (const [path, file] of this.#files) {
      if (!path.startsWith(`${from}/`)) continue;
      this.#files.delete(path);
      this.#files.set(to + path.slice(from.length), file);
    }
  }

  remove(folder: string): void {
    for (const path of this.#files.keys()) if (path.startsWith(`${folder}/`)) this.#files.delete(path);
  }

  /** What lies below is out of sight, as below a mount that is gone. */
  hide(folder: string): void {
    this.#hidden.add(`${folder}/`);
  }

  show(folder: string): void {
    this.#hidden.delete(`${folder}/`);
  }
}

const known = new WeakMap<Machine, MachineFiles>();

/** The files of a machine; an NFS server has the sites' data and the marker of its mount. */
export function filesOf(machine: Machine): MachineFiles {
  const found = known.get(machine);
  if (found !== undefined) return found;
  const made = new MachineFiles(() => machine.clock.now());
  known.set(machine, made);
  if (machine.spec.role === 'nfs') fillData(made, machine);
  return made;
}

const sites = ['first', 'frog', 'guide', 'maze', 'ms-rivera', 'period3', 'spiral', 'turtleart'];
const parts = ['assets.pack', 'history.pack', 'thumbs.pack', 'uploads.tar'];
const minuteMs = 60_000;

/** About 1.2 GB; every site's history is written often, its uploads now and then, the rest hardly ever. */
function fillData(files: MachineFiles, machine: Machine): void {
  const { bootedAt, seed } = machine.spec;
  files.add('/data/.mounted', 0, bootedAt);
  for (const [index, site] of sites.entries()) {
    for (const [part, name] of parts.entries()) {
      const dice = hash01(seed, index * 10 + part);
      const everyMs = name === 'history.pack' ? minuteMs * (2 + index) : name === 'uploads.tar' ? minuteMs * (90 + 40 * index) : null;
      files.add(`/data/${site}/${name}`, Math.round(12e6 + dice * 55e6), bootedAt, everyMs);
    }
  }
}
