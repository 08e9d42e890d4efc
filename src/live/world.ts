import type { Fleet } from '../fleet/definition.ts';
import type { HostId } from '../fleet/host.ts';
import type { CheckSample } from '../fleet/sample.ts';
import type { HostView } from '../fleet/view.ts';
import type { Clock } from '../poll/clock.ts';
import type { HostConnection } from '../remote/connection.ts';

/** The fleet as an action sees it: what is known, and fresh evidence on demand. */
export interface World {
  readonly fleet: Fleet;
  readonly clock: Clock;
  view(hostId: HostId): HostView | null;
  /** The host's open connection, `null` when there is none now. */
  connection(hostId: HostId): HostConnection | null;
  /** A round asked after this call; when it resolves, `view` shows what it found (or why there is nothing to show). */
  freshRound(hostId: HostId): Promise<void>;
  /** One of the host's checks by name, asked after this call; `null` when it has none of that name. */
  runCheck(hostId: HostId, name: string): Promise<CheckSample | null>;
}
