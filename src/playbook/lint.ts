import type { Fleet } from '../fleet/definition.ts';
import type { Library, PlaybookFile } from './library.ts';
import { lintDurations } from './lint/durations.ts';
import { Findings, type LintFinding } from './lint/finding.ts';
import { lintFleet } from './lint/fleet.ts';
import { lintHead } from './lint/head.ts';
import { lintNames } from './lint/names.ts';
import { lintPlays } from './lint/plays.ts';
import { lintSettling } from './lint/settling.ts';
import { lintSteps } from './lint/steps.ts';

/** What a playbook is read against; `null`: what cannot be known is not judged. `nowMs` is epoch ms. */
export interface LintAround {
  readonly fleet: Fleet | null;
  readonly library: Library | null;
  readonly nowMs: number;
}

/** Everything that a playbook of good form says and cannot mean, in the order of its text. Reads nothing else and asks nobody. */
export function lintPlaybook(file: PlaybookFile, around: LintAround): readonly LintFinding[] {
  const { playbook } = file;
  const findings = new Findings(file);
  lintHead(file, around.nowMs, findings);
  lintNames(playbook, findings);
  lintSteps(playbook, findings);
  lintDurations(playbook, findings);
  lintSettling(playbook, findings);
  if (around.library !== null) lintPlays(playbook, around.library, findings);
  if (around.fleet !== null) lintFleet(playbook, around.fleet, findings);
  return findings.found;
}
