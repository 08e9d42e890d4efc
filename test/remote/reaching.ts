import type { SshSettings } from '../../src/fleet/definition.ts';
import type { Host } from '../../src/fleet/host.ts';
import { type Connector, type HostConnection, noPrompts, type Prompts } from '../../src/remote/connection.ts';
import { type ConnectorOptions, createConnector } from '../../src/remote/connector.ts';
import { ReachError } from '../../src/remote/reach-error.ts';
import { fleetWith, hostAt } from './fleet.ts';

const never = new AbortController().signal;
const open: Connector[] = [];

export interface Attempt {
  readonly ssh: SshSettings;
  readonly address: string;
  readonly host?: Partial<Host>;
  readonly prompts?: Prompts;
  readonly options?: ConnectorOptions;
  readonly handshakes?: number;
}

/** A connector that `closeConnectors` closes. */
export function connectorFor(attempt: Attempt): Connector {
  const connector = createConnector(fleetWith(attempt.ssh, attempt.handshakes), attempt.prompts ?? noPrompts, attempt.options);
  open.push(connector);
  return connector;
}

export function reach(attempt: Attempt): Promise<HostConnection> {
  return connectorFor(attempt).connect(hostAt(attempt.address, attempt.host), never);
}

/** The ReachError with which an attempt must fail. */
export async function refusal(attempt: Attempt): Promise<ReachError> {
  const error = await reach(attempt).then(
    () => null,
    (failure: unknown) => failure,
  );
  if (!(error instanceof ReachError)) throw new Error(`expected a ReachError, got ${String(error)}`);
  return error;
}

export async function closeConnectors(): Promise<void> {
  await Promise.all(open.splice(0).map((connector) => connector.close()));
}
