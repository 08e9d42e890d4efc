import { describe } from 'vitest';
import { missingForLab } from './requirements.ts';

const missing = missingForLab();
if (missing.length > 0 && process.env['CI'] === 'true') throw new Error(`the lab tests cannot run: ${missing.join('; ')}`);

/** A `describe` that is skipped, saying why, where the lab cannot run; in CI that is a failure instead. */
export function describeLab(name: string, tests: () => void): void {
  describe.skipIf(missing.length > 0)(missing.length > 0 ? `${name} (skipped: ${missing.join('; ')})` : name, tests);
}
