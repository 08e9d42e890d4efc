import type { Host } from '../fleet/host.ts';

/** Server of an NFS mount without its export: `nfs1:/data` → `nfs1`, `[fd00::1]:/data` → `fd00::1`. */
export function serverName(server: string): string {
  const bracketed = /^\[([^\]]+)\]/.exec(server)?.[1];
  if (bracketed !== undefined) return bracketed;
  const slash = server.indexOf(':/');
  return slash === -1 ? server : server.slice(0, slash);
}

/** The host of the fleet that a mount's server is: by address, by name, or by the first label of its DNS name. `null` when none or several. */
export function serverHost<T extends Pick<Host, 'name' | 'address'>>(server: string, hosts: readonly T[]): T | null {
  const name = serverName(server);
  const exact = hosts.filter((host) => host.address === name || host.name === name);
  if (exact.length > 0) return exact.length === 1 ? (exact[0] ?? null) : null;
  // An address has no first label.
  if (/^[\d.]+$/.test(name) || name.includes(':')) return null;
  const short = name.split('.', 1)[0] ?? name;
  const found = hosts.filter((host) => host.name === short || host.name.split('.', 1)[0] === short);
  return found.length === 1 ? (found[0] ?? null) : null;
}
