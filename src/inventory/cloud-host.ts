import { isIP } from 'node:net';
import type { CloudHost } from '../cloud/calls.ts';
import type { AddressChoice, Environment, Source } from '../fleet/definition.ts';
import type { Host } from '../fleet/host.ts';
import { environmentFor, readName, roleFor } from './assign.ts';

export type CloudSource = Extract<Source, { readonly kind: 'gce' | 'azure' }>;

/** A cloud's machine as a host of the fleet, by the rules of its source. What the name's groups say fills what the labels leave open. */
export function hostOfCloud(found: CloudHost, source: CloudSource, environments: readonly Environment[]): Host {
  const parts = readName(source.namePattern, found.name);
  const labels = { ...parts.labels, ...found.labels };
  const described = { name: found.name, labels, tags: found.tags };
  const { address, port } = addressOf(source.address, found, labels);
  return {
    id: `${source.name}/${found.id}`,
    name: found.name,
    role: roleFor(source.roles, described, parts.role),
    env: environmentFor(environments, described, parts.env),
    zone: found.zone,
    address,
    ssh: { user: null, port },
    labels,
    provider: source.kind,
    source: source.name,
    cloudState: found.state,
  };
}

interface Address {
  readonly address: string | null;
  /** `null`: as the SSH settings say. */
  readonly port: number | null;
}

function addressOf(choice: AddressChoice, found: CloudHost, labels: Readonly<Record<string, string>>): Address {
  switch (choice.kind) {
    case 'private':
      return { address: found.privateAddress, port: null };
    case 'public':
      return { address: found.publicAddress, port: null };
    case 'name':
      return { address: found.name, port: null };
    case 'label':
      return readAddress(Object.hasOwn(labels, choice.key) ? (labels[choice.key] ?? '') : '');
  }
}

/** `address`, `address:port` or `[address]:port`; anything else is no address. */
function readAddress(text: string): Address {
  if (isIP(text) !== 0) return { address: text, port: null };
  const [, bracketed, plain, digits] = /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9][A-Za-z0-9._-]*))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const address = bracketed ?? plain ?? null;
  const port = digits === undefined ? null : Number(digits);
  if (address === null || (port !== null && (port < 1 || port > 65_535))) return { address: null, port: null };
  return { address, port };
}
