import type { CheckSpec } from '../../fleet/definition.ts';
import type { CheckSample } from '../../fleet/sample.ts';
import { sanitizeLine } from '../../remote/sanitize.ts';

/** What a kind of check found out; name, kind and times are added by `runCheck`. Texts may hold anything: they are sanitized there. */
export interface CheckAnswer {
  readonly health: CheckSample['health'];
  readonly detail: string;
  readonly value?: number;
  readonly text?: string;
}

/** The check could not be asked: nothing is known about what it asserts. */
export class NotAsked extends Error {
  override readonly name = 'NotAsked';
}

/** Longest text of a `version` check. */
export const versionLength = 80;

/** A warning still asserts: only `crit` is a broken assertion, and `unknown` none at all. */
export function checkSample(spec: CheckSpec, answer: CheckAnswer, ms: number | null, at: number): CheckSample {
  return {
    name: spec.name,
    kind: spec.kind,
    ok: answer.health === 'unknown' ? null : answer.health !== 'crit',
    health: answer.health,
    ms: ms === null ? null : Math.round(ms * 10) / 10,
    detail: sanitizeLine(answer.detail, 200),
    value: answer.value ?? null,
    text: answer.text === undefined ? null : sanitizeLine(answer.text, versionLength),
    at,
  };
}

/** Health of a number against its limits: above them, or below with `below`. */
export function healthOf(value: number, warn: number | null, crit: number | null, below = false): 'ok' | 'warn' | 'crit' {
  const beyond = (limit: number | null): boolean => limit !== null && (below ? value < limit : value > limit);
  if (beyond(crit)) return 'crit';
  return beyond(warn) ? 'warn' : 'ok';
}
