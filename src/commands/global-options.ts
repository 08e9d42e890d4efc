import type { Command } from 'commander';

/** Options every command takes. */
export interface GlobalOptions {
  readonly fleet: string | null;
  readonly env: string | null;
  readonly readOnly: boolean;
  readonly stateDir: string | null;
  readonly color: boolean;
}

/** Reads them from a command or any of its parents, so that they may stand before or after the command's name. */
export function globalOptions(command: Command): GlobalOptions {
  const values: Record<string, unknown> = command.optsWithGlobals();
  return {
    fleet: text(values['fleet']),
    env: text(values['env']),
    readOnly: values['readOnly'] === true,
    stateDir: text(values['stateDir']),
    color: values['color'] !== false && (process.env['NO_COLOR'] ?? '') === '',
  };
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
