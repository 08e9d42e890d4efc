/** Options of `act` beside the global ones. */
export interface ActOptions {
  readonly dryRun: boolean;
  readonly confirm: string | null;
  readonly reason: string | null;
  readonly breakLock: boolean;
  readonly mode: string | null;
  /** For depool and repool. */
  readonly pool: string | null;
  readonly to: string | null;
  readonly inputs: Readonly<Record<string, string>>;
  readonly json: boolean;
}
