import type { Fleet } from '../fleet/definition.ts';
import type { Reason } from '../fleet/health.ts';
import type { Host } from '../fleet/host.ts';
import type { CheckSample } from '../fleet/sample.ts';
import { checkStaleMs } from './checks.ts';

/** A release rolls through a role; a difference younger than this is no alert. */
export const skewForMs = 2 * 60_000;

export interface SkewJudgement {
  readonly role: string;
  readonly check: string;
  /** `null`: the known answers agree. */
  readonly reason: Reason | null;
  /** Every host of the role answered of late; without that, agreement ends nothing. */
  readonly complete: boolean;
  /** Epoch ms of the newest answer, `null` when none. */
  readonly at: number | null;
}

export interface VersionAnswers {
  readonly host: Host;
  readonly checks: readonly CheckSample[];
}

/** Compares what `version` checks say over each role they are asked on. */
export function judgeSkew(fleet: Fleet, hosts: readonly VersionAnswers[], now: number): readonly SkewJudgement[] {
  return fleet.checks
    .filter((spec) => spec.kind === 'version' && spec.from === 'host')
    .flatMap((spec) =>
      spec.on.map((role): SkewJudgement => {
        const members = hosts.filter((each) => each.host.role === role && each.host.cloudState !== 'stopped');
        const answers = members.flatMap(({ host, checks }) => {
          const answer = checks.find((each) => each.name === spec.name);
          const fresh = answer !== undefined && answer.ok === true && now - answer.at <= checkStaleMs(spec, fleet.poll);
          return fresh && answer.text !== null
            ? [{ env: host.env, name: host.name, text: answer.text.trim().slice(0, 60), at: answer.at }]
            : [];
        });
        const at = answers.length === 0 ? null : Math.max(...answers.map((answer) => answer.at));
        return { role, check: spec.name, reason: skewReason(spec.name, role, answers), complete: answers.length === members.length, at };
      }),
    );
}

/** Environments of one role may well run different versions. */
function skewReason(check: string, role: string, answers: readonly { env: string; name: string; text: string }[]): Reason | null {
  const byEnv = Map.groupBy(answers, (answer) => answer.env);
  for (const group of byEnv.values()) {
    const byText = Map.groupBy(group, (answer) => answer.text);
    if (byText.size < 2) continue;
    const parts = [...byText]
      .toSorted(([, a], [, b]) => b.length - a.length)
      .map(([text, on]) => `${text} on ${on.map((one) => one.name).join(' ')}`);
    const text = `${check} differs over ${role}: ${parts.join(', ')}`;
    return { name: 'version-skew', health: 'warn', subject: { kind: 'check', check }, text, forMs: skewForMs };
  }
  return null;
}
