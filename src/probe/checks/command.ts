import type { CheckSpec } from '../../fleet/definition.ts';
import type { HostConnection } from '../../remote/connection.ts';
import type { CheckAnswer } from './answer.ts';
import { NotAsked, healthOf } from './answer.ts';
import { runOnHost } from './host-script.ts';

const number = /^[+-]?(\d+(\.\d+)?|\.\d+)([eE][+-]?\d{1,3})?$/;

function firstLine(text: string): string {
  return (
    text
      .split('\n')
      .find((line) => line.trim() !== '')
      ?.trim() ?? ''
  );
}

/** A command of the fleet file, run on the host: exit 0 asserts; with `number` its whole output must be one number. */
export async function commandCheck(spec: Extract<CheckSpec, { kind: 'command' }>, host: HostConnection | null): Promise<CheckAnswer> {
  if (host === null) throw new NotAsked('a command is run on a host, and there is none here');
  const result = await runOnHost(host, spec.command, spec.timeoutMs);
  const said = firstLine(result.stderr) || firstLine(result.stdout);
  if (result.exit === 126 || result.exit === 127) return { health: 'unknown', detail: said || 'the command is not there' };
  if (result.exit !== 0) {
    const how = result.exit === null ? `ended by ${result.signal ?? 'a signal'}` : `exit ${String(result.exit)}`;
    return { health: spec.number ? 'unknown' : 'crit', detail: said === '' ? how : `${how}: ${said}` };
  }
  if (!spec.number) return { health: 'ok', detail: firstLine(result.stdout) || 'exit 0', text: firstLine(result.stdout) };
  const output = result.stdout.trim();
  const value = number.test(output) ? Number(output) : Number.NaN;
  if (!Number.isFinite(value))
    return { health: 'unknown', detail: output === '' ? 'it printed nothing' : `it printed no number: ${output.slice(0, 80)}` };
  const health = healthOf(value, spec.warn, spec.crit, spec.below);
  const limit = health === 'crit' ? spec.crit : health === 'warn' ? spec.warn : null;
  return { health, detail: limit === null ? String(value) : `${String(value)} (limit ${String(limit)})`, value };
}
