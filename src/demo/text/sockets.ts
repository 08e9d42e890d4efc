import type { Machine } from '../machine/machine.ts';

/** Rows of /proc/net/tcp in state 0A (LISTEN), padded to 149 columns as the kernel does (net/ipv4/tcp_ipv4.c). */
export function listeningTcp(machine: Machine): string {
  const rows: string[] = [];
  for (const unit of machine.units) {
    for (const { port, address, uid } of unit.spec.ports) {
      const inode = unit.listener(port);
      if (inode === null) continue;
      const row =
        `${String(rows.length).padStart(4)}: ${hexAddress(address)}:${hexPort(port)} 00000000:0000 0A 00000000:00000000 00:00000000 00000000 ` +
        `${String(uid).padStart(5)} ${'0'.padStart(8)} ${inode} 1 0000000000000000 100 0 0 10 0`;
      rows.push(`${row.padEnd(149)}\n`);
    }
  }
  return rows.join('');
}

/** Rows of /proc/net/unix of listening sockets (flag 00010000 is SO_ACCEPTCON). */
export function listeningUnix(machine: Machine): string {
  const rows = machine.units.flatMap((unit) =>
    unit.spec.sockets.map((path) => {
      const inode = unit.listener(path);
      return inode === null ? '' : `0000000000000000: 00000002 00000000 00010000 0001 01 ${String(inode).padStart(5)} ${path}\n`;
    }),
  );
  return rows.join('');
}

/** The kernel prints an IPv4 address as one 32-bit number in host order: little endian here. */
function hexAddress(address: string): string {
  return address
    .split('.')
    .reverse()
    .map((part) => Number(part).toString(16).toUpperCase().padStart(2, '0'))
    .join('');
}

function hexPort(port: number): string {
  return port.toString(16).toUpperCase().padStart(4, '0');
}
