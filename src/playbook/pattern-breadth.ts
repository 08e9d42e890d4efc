import { ownAlertNames } from '../health/alert-kind.ts';
import type { Pattern } from '../fleet/pattern.ts';

/** Names that no fleet has, in the forms that names of alerts have: a pattern that matches one of them says nothing about the alert. */
const madeUp = ['qz', 'qzx-down', 'qzx-failing', 'qzx-slow', 'qzx-full', 'qzx-high', 'qzx-unknown', 'qzx-restarting', 'q1-z2-x3'] as const;
const probes: readonly string[] = [...ownAlertNames, ...madeUp];
/** So many of the names that every fleet may have, and it is about anything. */
const many = ownAlertNames.length / 3;

/**
 * How specific a pattern for names of alerts is, 0 … 1: 1 for one that matches a single name, less the more names it matches, 0 for one
 * that is vague (`.*`, `-down$`, `^(.)`), because it matches a name that no fleet has or a third of those that each may have.
 */
export function specificity(pattern: Pattern): number {
  const matched = probes.filter((name) => pattern.test(name));
  if (matched.some((name) => madeUp.some((made) => made === name)) || matched.length >= many) return 0;
  return 1 - Math.max(0, matched.length - 1) / (2 * many);
}
