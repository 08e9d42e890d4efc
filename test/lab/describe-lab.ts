import { describe } from 'vitest';
import { missingForLab, missingForVms } from './requirements.ts';

const missing = missingForLab();
if (missing.length > 0 && process.env['CI'] === 'true') throw new Error(`the lab tests cannot run: ${missing.join('; ')}`);

/** What only runs when it is asked for. */
interface Extra {
  readonly asked: boolean;
  /** The words that ask for it. */
  readonly how: string;
}

/** A `describe` that is skipped, saying why, where the lab cannot run (in CI that is a failure instead) or what it needs was not asked for. */
export function describeLab(name: string, extra: Extra | null, tests: () => void): void {
  const reasons = extra === null || extra.asked ? missing : [...missing, `needs ${extra.how}`];
  describe.skipIf(reasons.length > 0)(reasons.length > 0 ? `${name} (skipped: ${reasons.join('; ')})` : name, tests);
}

/** The same for tests whose hosts need kernels of their own. */
export function describeVms(name: string, tests: () => void): void {
  const lacks = [...missing, ...missingForVms()];
  if (lacks.length > 0 && process.env['CI'] === 'true') throw new Error(`${name} cannot run: ${lacks.join('; ')}`);
  describe.skipIf(lacks.length > 0)(lacks.length > 0 ? `${name} (skipped: ${lacks.join('; ')})` : name, tests);
}
