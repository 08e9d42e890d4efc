import { refusal, type Driver, type RequestOf } from '../driver.ts';

/** Puts back what we took out, once it is healthy, and proves that it gets traffic. */
export const repool: Driver<RequestOf<'repool'>> = {
  action: 'repool',
  draft: () => refusal('not-available', 'pools cannot be changed yet'),
  prove: async () => ({ kind: 'unknown', summary: 'pools cannot be read yet', evidence: [] }),
};
