import type { CheckSpec, PollSettings } from '../fleet/definition.ts';
import { formatDuration } from '../fleet/duration.ts';
import type { Reason } from '../fleet/health.ts';
import type { CheckSample } from '../fleet/sample.ts';
import { neverAlerts } from './judge-input.ts';

/** Age above which an answer says nothing of now: it missed its next turn, with the slack every poll has. Ms. */
export function checkStaleMs(spec: CheckSpec, poll: PollSettings): number {
  return spec.everyMs + spec.timeoutMs + poll.staleMs;
}

/** The newest answer of every check the fleet file asks of this host, or of this console. */
export function judgeChecks(
  wanted: readonly CheckSpec[],
  answers: readonly CheckSample[],
  poll: PollSettings,
  now: number,
): readonly Reason[] {
  return wanted.flatMap((spec) => {
    const reason = judgeCheck(
      spec,
      answers.find((each) => each.name === spec.name),
      poll,
      now,
    );
    return reason === null ? [] : [reason];
  });
}

function judgeCheck(spec: CheckSpec, answer: CheckSample | undefined, poll: PollSettings, now: number): Reason | null {
  const subject = { kind: 'check', check: spec.name } as const;
  const unknown = (text: string, forMs: number): Reason => ({ name: `${spec.name}-unknown`, health: 'unknown', subject, text, forMs });
  if (answer === undefined) return unknown(`check ${spec.name} not yet asked`, neverAlerts);
  const age = now - answer.at;
  if (age > checkStaleMs(spec, poll)) return unknown(`check ${spec.name} not answered for ${formatDuration(age)}`, 0);
  const health = answer.ok === null ? 'unknown' : answer.health;
  if (health === 'unknown') return unknown(withDetail(`check ${spec.name} could not be asked`, answer.detail), 0);
  if (health === 'ok') return null;
  const text = withDetail(`check ${spec.name} ${health === 'crit' ? 'failing' : 'warns'}`, answer.detail);
  return { name: `${spec.name}-failing`, health, subject, text, forMs: 0 };
}

function withDetail(text: string, detail: string): string {
  return detail === '' ? text : `${text}: ${detail}`;
}
