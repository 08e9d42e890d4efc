import { refusal, type Driver, type RequestOf } from '../driver.ts';

/** Makes a new copy, verifies it by its own kind, and only then lets old ones go. */
export const backup: Driver<RequestOf<'backup'>> = {
  action: 'backup',
  draft: () => refusal('not-available', 'backups cannot be made yet'),
  prove: async () => ({ kind: 'unknown', summary: 'backups cannot be read yet', evidence: [] }),
};
