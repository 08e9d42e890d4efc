import { refusal, type Driver, type RequestOf } from '../driver.ts';

/** Takes a host out of a pool: shown set, floor on fresh evidence, pool lock, saved state, drain, independent proof, debt. */
export const depool: Driver<RequestOf<'depool'>> = {
  action: 'depool',
  targetMayBeAway: true,
  draft: () => refusal('not-available', 'pools cannot be changed yet'),
  prove: async () => ({ kind: 'unknown', summary: 'pools cannot be read yet', evidence: [] }),
};
