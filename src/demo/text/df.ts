import { availableKb, type Filesystem, usedPct } from '../machine/filesystem.ts';
import type { Machine } from '../machine/machine.ts';

/** `df -P -k` over these filesystems (coreutils aligns each column to its widest cell). */
export function dfBlocks(machine: Machine): string {
  return table(
    ['Filesystem', '1024-blocks', 'Used', 'Available', 'Capacity', 'Mounted on'],
    machine.mounted.map((filesystem) => [
      filesystem.device,
      String(filesystem.sizeKb),
      String(filesystem.usedKb),
      String(availableKb(filesystem)),
      `${usedPct(filesystem)}%`,
      filesystem.mount,
    ]),
  );
}

/** `df -P -i` over the same. */
export function dfInodes(machine: Machine): string {
  return table(['Filesystem', 'Inodes', 'IUsed', 'IFree', 'IUse%', 'Mounted on'], machine.mounted.map(inodeRow));
}

function inodeRow(filesystem: Filesystem): string[] {
  const { device, inodes, inodesUsed, mount } = filesystem;
  const pct = Math.ceil((inodesUsed / inodes) * 100);
  return [device, String(inodes), String(inodesUsed), String(inodes - inodesUsed), `${pct}%`, mount];
}

/** The first column is at least 14 wide and left, the last is left, all others are right; `Inodes` is at least 7 wide. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows];
  const least = [14, head[1] === 'Inodes' ? 7 : 5, 5, 5, 4, 0];
  const width = head.map((_, column) => Math.max(least[column] ?? 0, ...all.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(width[0] ?? 0) : column === row.length - 1 ? cell : cell.padStart(width[column] ?? 0),
      )
      .join(' ');
  return all.map((row) => `${line(row)}\n`).join('');
}
