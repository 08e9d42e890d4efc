import type { NetworkInterface, PublicIPAddress } from '@azure/arm-network';
import { idKey } from './resource-id.ts';

/** Addresses of one machine. */
export interface Addresses {
  readonly privateAddress: string | null;
  readonly publicAddress: string | null;
}

interface NicReference {
  readonly id?: string | undefined;
  readonly primary?: boolean | undefined;
}

/** NICs and public addresses by id, whatever resource group they lie in. */
export class AddressBook {
  readonly #nics = new Map<string, NetworkInterface>();
  readonly #publics = new Map<string, string>();

  addNics(nics: readonly NetworkInterface[]): void {
    for (const nic of nics) if (nic.id !== undefined) this.#nics.set(idKey(nic.id), nic);
  }

  addPublics(addresses: readonly PublicIPAddress[]): void {
    for (const { id, ipAddress } of addresses) if (id !== undefined && ipAddress !== undefined) this.#publics.set(idKey(id), ipAddress);
  }

  nic(id: string): NetworkInterface | null {
    return this.#nics.get(idKey(id)) ?? null;
  }

  /** Ids of public addresses that the NICs name. */
  publicsOf(nicIds: readonly string[]): readonly string[] {
    return nicIds.flatMap((id) => this.nic(id)?.ipConfigurations?.flatMap((config) => config.publicIPAddress?.id ?? []) ?? []);
  }

  /** The primary interface's primary address first; a public address of any other when that has none. IPv4 goes before IPv6. */
  of(references: readonly NicReference[]): Addresses {
    const ordered = references.toSorted((a, b) => Number(b.primary === true) - Number(a.primary === true));
    const configs = ordered
      .flatMap(({ id }) => (id === undefined ? [] : (this.nic(id)?.ipConfigurations ?? []).toSorted(primaryFirst)))
      .toSorted((a, b) => Number(a.privateIPAddressVersion === 'IPv6') - Number(b.privateIPAddressVersion === 'IPv6'));
    const given = (one: string | undefined): string[] => (one === undefined || one === '' ? [] : [one]);
    return {
      privateAddress: configs.flatMap((config) => given(config.privateIPAddress))[0] ?? null,
      publicAddress: configs.flatMap(({ publicIPAddress }) => given(this.#publics.get(idKey(publicIPAddress?.id ?? ''))))[0] ?? null,
    };
  }
}

function primaryFirst(a: { primary?: boolean }, b: { primary?: boolean }): number {
  return Number(b.primary === true) - Number(a.primary === true);
}
