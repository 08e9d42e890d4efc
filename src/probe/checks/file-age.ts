import type { CheckSpec } from '../../fleet/definition.ts';
import type { HostConnection } from '../../remote/connection.ts';
import type { CheckAnswer } from './answer.ts';
import { NotAsked, healthOf } from './answer.ts';
import { runOnHost } from './host-script.ts';

/** A path of the fleet file as a word of the shell. */
export function quotedPath(path: string): string {
  const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
  // `~/` means the login user's home, as everywhere in the fleet file.
  return path.startsWith('~/') ? `"$HOME"/${quote(path.slice(2))}` : quote(path);
}

function inWords(seconds: number): string {
  if (seconds < 120) return `${String(seconds)} s old`;
  if (seconds < 7_200) return `${String(Math.floor(seconds / 60))} min old`;
  return seconds < 172_800 ? `${String(Math.floor(seconds / 3600))} h old` : `${String(Math.floor(seconds / 86_400))} days old`;
}

/** Seconds since a file was last written, by the host's own clock on both sides, so that no clock has to be right. */
export async function fileAgeCheck(spec: Extract<CheckSpec, { kind: 'file_age' }>, host: HostConnection | null): Promise<CheckAnswer> {
  if (host === null) throw new NotAsked("a file's age is asked on a host, and there is none here");
  const path = quotedPath(spec.path);
  const result = await runOnHost(host, `stat -L -c %Y -- ${path} && date +%s || { [ -e ${path} ] || exit 44; exit 1; }`, spec.timeoutMs);
  if (result.exit === 44) return { health: 'crit', detail: `no such file: ${spec.path}` };
  const [, written, clock] = /^(\d{1,12})\n(\d{1,12})\n?$/.exec(result.stdout) ?? [];
  if (written === undefined || clock === undefined)
    return { health: 'unknown', detail: result.stderr.trim() || 'the host did not tell its age' };
  const age = Number(clock) - Number(written);
  if (age < 0) return { health: 'ok', detail: `dated ${String(-age)} s in the future`, value: 0 };
  const health = healthOf(age * 1000, spec.warnMs, spec.critMs);
  return { health, detail: inWords(age), value: age };
}
