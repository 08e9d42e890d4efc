import { unsigned, words } from './numbers.ts';

export interface InterfaceCounters {
  readonly name: string;
  readonly rxBytes: number;
  readonly txBytes: number;
  /** Receive and transmit errors. */
  readonly errors: number;
}

/** Interfaces whose traffic also passes a real one, or never leaves the host. */
const virtual =
  /^(lo|veth|docker|br-|br\d|virbr|vnet|cni|flannel|cali|cilium|lxc|lxd|tap|tun|wg|dummy|ifb|bond|team|sit\d|ip6|gre|erspan|teql|nlmon|kube|ip_vti)|[.@]/;

/** /proc/net/dev: the interfaces that carry the host's traffic; all but `lo` when no name looks like a real one. @see proc(5) */
export function parseNetDev(text: string): readonly InterfaceCounters[] | null {
  const all: InterfaceCounters[] = [];
  let understood = false;
  for (const line of text.split('\n')) {
    // Old kernels print no blank after the colon; an alias has colons of its own.
    const colon = line.lastIndexOf(':');
    if (colon === -1) continue;
    const fields = words(line.slice(colon + 1));
    const rxBytes = unsigned(fields[0]);
    const rxErrors = unsigned(fields[2]);
    const txBytes = unsigned(fields[8]);
    const txErrors = unsigned(fields[10]);
    if (rxBytes === null || rxErrors === null || txBytes === null || txErrors === null) continue;
    understood = true;
    const name = line.slice(0, colon).trim();
    if (name !== 'lo') all.push({ name, rxBytes, txBytes, errors: rxErrors + txErrors });
  }
  if (!understood && text.trim() !== '') return null;
  const real = all.filter((one) => !virtual.test(one.name));
  return real.length > 0 ? real : all;
}
