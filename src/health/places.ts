import type { Fleet } from '../fleet/definition.ts';
import { dependenciesOf } from '../fleet/depends.ts';
import type { Host } from '../fleet/host.ts';
import { serverHost } from './server-host.ts';

/** Where the labels of alerts lead in one fleet; each answer is found once, however many alerts ask for it. */
export class Places {
  readonly #fleet: Fleet;
  readonly #hosts: readonly Host[];
  readonly #servers = new Map<string, Host | null>();
  readonly #dependencies = new Map<string, readonly string[]>();
  readonly #roles: ReadonlySet<string>;

  constructor(fleet: Fleet, hosts: readonly Host[]) {
    this.#fleet = fleet;
    this.#hosts = hosts;
    this.#roles = new Set(hosts.map((host) => placeOf(host.role, host.env)));
  }

  /** See `serverHost`. */
  server(label: string): Host | null {
    const known = this.#servers.get(label);
    if (known !== undefined) return known;
    const found = serverHost(label, this.#hosts);
    this.#servers.set(label, found);
    return found;
  }

  /** See `dependenciesOf`. */
  dependencies(role: string): readonly string[] {
    const known = this.#dependencies.get(role) ?? dependenciesOf(this.#fleet, role);
    this.#dependencies.set(role, known);
    return known;
  }

  /** Whether a host of this role is in this environment. */
  has(role: string, env: string | undefined): boolean {
    return env !== undefined && this.#roles.has(placeOf(role, env));
  }
}

function placeOf(role: string | null, env: string): string {
  return `${role ?? ''}\0${env}`;
}
