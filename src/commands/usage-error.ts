/** Exit statuses of the command-line contract. */
export const exitCode = { ok: 0, failed: 1, unknown: 3, confirm: 4, refused: 5, usage: 64 } as const;

/** Wrong usage or a bad fleet file: one plain text on standard error, exit 64 unless another status is given. */
export class UsageError extends Error {
  readonly status: number;

  constructor(message: string, status: number = exitCode.usage) {
    super(message);
    this.name = 'UsageError';
    this.status = status;
  }
}
