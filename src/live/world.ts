import type { CloudWriter } from '../cloud/calls.ts';
import type { Alert } from '../fleet/alert.ts';
import type { BackupState } from '../fleet/backup.ts';
import type { Debt } from '../fleet/debt.ts';
import type { Fleet } from '../fleet/definition.ts';
import type { HostId } from '../fleet/host.ts';
import type { PoolState } from '../fleet/pool.ts';
import type { CheckSample } from '../fleet/sample.ts';
import type { HostView } from '../fleet/view.ts';
import type { AlertPart } from '../health/alert-parts.ts';
import type { Clock } from '../poll/clock.ts';
import type { HostConnection } from '../remote/connection.ts';

/**
 * The way to the hosts' shells and to the clouds' changing calls. Whoever holds it can write; it is handed out once, to the executor,
 * and to nobody after it, so that no screen, playbook or command can reach a shell or a cloud around the guards.
 */
export interface Shells {
  /** The host's open connection, `null` when there is none now. */
  open(hostId: HostId): HostConnection | null;
  readonly cloud: CloudWriter;
}

/** The fleet as an action sees it: what is known, and fresh evidence on demand. */
export interface World {
  readonly fleet: Fleet;
  readonly clock: Clock;
  view(hostId: HostId): HostView | null;
  views(): readonly HostView[];
  /** Throws when the shells were handed out before. */
  takeShells(): Shells;
  /** A round asked after this call; when it resolves, `view` shows what it found (or why there is nothing to show). */
  freshRound(hostId: HostId): Promise<void>;
  /** One of the host's checks by name, or of this console's own, asked after this call; `null` when neither has one of that name. */
  runCheck(hostId: HostId, name: string): Promise<CheckSample | null>;
  /** A pool as last read; `null` when the fleet has none of that name. */
  pool(name: string): PoolState | null;
  /** Read after this call; with its error inside when it could not be. */
  freshPool(name: string): Promise<PoolState | null>;
  /** A backup on a host as last read; `null` when there is none of that name there. */
  backup(name: string, hostId: HostId): BackupState | null;
  freshBackup(name: string, hostId: HostId): Promise<BackupState | null>;
  /** What is owed back now, for the store and for the alerts that remind. */
  tellDebts(debts: readonly Debt[]): void;
  /** What was told last. */
  debts(): readonly Debt[];
  /** As last judged, worst first. */
  alerts(): readonly Alert[];
  /** What can raise an alert of a name, on this host where one is given, by the evidence of now; empty when nothing can. */
  alertParts(name: string, hostId: HostId | null): readonly AlertPart[];
  /** Rounds in a row, the newest included, that found a host well; 0 while it is not. */
  goodRounds(hostId: HostId): number;
}
