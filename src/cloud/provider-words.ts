import type { CloudAccess } from './calls.ts';

/** A provider's name as people say it. */
export const providerName: Readonly<Record<CloudAccess['provider'], string>> = { gce: 'Google Compute Engine', azure: 'Azure' };
