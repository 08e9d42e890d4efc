import type { Host } from '../fleet/host.ts';
import type { HostConnection } from './connection.ts';
import { ReachError } from './reach-error.ts';
import { Ssh2Connection } from './ssh2-connection.ts';
import { type LinkParts, Ssh2Links } from './ssh2-links.ts';
import type { Target } from './target.ts';

/** Host connections over ssh2. */
export class Ssh2Connector {
  readonly #links: Ssh2Links;
  readonly #shellMs: number;
  readonly #open = new Set<HostConnection>();

  constructor(parts: LinkParts) {
    this.#links = new Ssh2Links(parts);
    this.#shellMs = parts.deadlines.shellMs;
  }

  /** @throws ReachError */
  async connect(host: Host, target: Target, signal: AbortSignal): Promise<HostConnection> {
    for (let at: Target | null = target; at !== null; at = at.via) {
      if (at.proxyCommand !== null) throw proxyCommandError(at);
    }
    const connection = new Ssh2Connection(host, await this.#links.open(target, signal), this.#shellMs);
    this.#open.add(connection);
    connection.onClosed(() => this.#open.delete(connection));
    return connection;
  }

  close(): void {
    for (const connection of this.#open) connection.close();
    this.#links.close();
  }
}

function proxyCommandError(target: Target): ReachError {
  return new ReachError(
    'unreachable',
    `~/.ssh/config reaches ${target.name} by a ProxyCommand, which the ssh2 transport does not run.`,
    'Set `transport: openssh` for its role under ssh in the fleet file, or name a jump host there.',
  );
}
