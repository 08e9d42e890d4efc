import { type Fleet, sshOf } from '../fleet/definition.ts';
import type { Host } from '../fleet/host.ts';
import { abortable } from './abortable.ts';
import type { Connector, HostConnection, Prompts } from './connection.ts';
import { HandshakeLimits } from './handshake-limits.ts';
import { HostKeyCheck } from './host-key-check.ts';
import { Identities } from './identities.ts';
import { KnownHostsFiles } from './known-hosts-files.ts';
import { LocalConnection } from './local-connection.ts';
import { OpensshConnector } from './openssh-connector.ts';
import { ReachError } from './reach-error.ts';
import { visibleName } from './sanitize.ts';
import { Ssh2Connector } from './ssh2-connector.ts';
import { type LoginDeadlines, loginDeadlines } from './ssh2-login.ts';
import { TargetResolver } from './target.ts';

export interface ConnectorOptions {
  /** A private key in memory that takes the place of agent and files: the embedded demo fleet writes none. */
  readonly identityPem?: string;
  /** known_hosts lines that count without any file. */
  readonly knownHostLines?: readonly string[];
  /** Finds a host of the fleet by name, for `jump: NAME`. */
  readonly findHost?: (name: string) => Host | null;
  /** Other deadlines than the usual (connect 5 s, handshake 10 s, authentication 20 s). */
  readonly deadlines?: Partial<LoginDeadlines>;
  /** OpenSSH's client. Default `ssh`. */
  readonly ssh?: string;
  /** Where SSH_AUTH_SOCK is looked up. Default the process's environment. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** Connections for a fleet: the local provider without SSH, the others by their role's transport. Close it when the program ends. */
export function createConnector(fleet: Fleet, prompts: Prompts, options: ConnectorOptions = {}): Connector {
  const env = options.env ?? process.env;
  const ssh = options.ssh ?? 'ssh';
  const deadlines = { ...loginDeadlines, shellMs: fleet.poll.deadlineMs, ...options.deadlines };
  const closing = new AbortController();
  const files = new KnownHostsFiles(options.knownHostLines);
  const hostKeys = new HostKeyCheck(files, prompts, closing.signal);
  const limits = new HandshakeLimits(fleet.poll.handshakes);
  const identities = new Identities(prompts, options.identityPem ?? null, closing.signal);
  const targets = new TargetResolver({
    settingsOf: (role) => sshOf(fleet, role),
    sources: fleet.sources,
    ssh,
    env,
    ...(options.findHost === undefined ? {} : { findHost: options.findHost }),
  });
  const bySsh2 = new Ssh2Connector({ hostKeys, identities, limits, deadlines, env });
  const byOpenssh = new OpensshConnector({ hostKeys, limits, deadlines, ssh, env });
  const locals = new Set<LocalConnection>();

  const connect = async (host: Host, signal: AbortSignal): Promise<HostConnection> => {
    const either = AbortSignal.any([signal, closing.signal]);
    const gone = (): ReachError => new ReachError('unreachable', `The attempt to reach ${visibleName(host.name)} was given up.`, null);
    if (either.aborted) throw gone();
    if (host.provider === 'local') {
      const connection = new LocalConnection(host);
      locals.add(connection);
      connection.onClosed(() => locals.delete(connection));
      return connection;
    }
    const target = await abortable(targets.resolve(host), either, gone);
    return target.transport === 'openssh' ? byOpenssh.connect(host, target, either) : bySsh2.connect(host, target, either);
  };

  const close = async (): Promise<void> => {
    closing.abort();
    for (const connection of locals) connection.close();
    bySsh2.close();
    await byOpenssh.close();
  };

  return { connect, close };
}
