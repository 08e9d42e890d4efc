import { onceListed } from './once-listed.ts';
import type { Scenario } from './scenario.ts';

export const quota: Scenario = {
  name: 'quota',
  title: 'The clouds’ quota is used up',
  what: 'From the second listing on, Compute Engine answers 403 rateLimitExceeded and Azure 429. The last list of hosts is kept with its age, and watching goes on.',
  apply(fleet) {
    const { cloudLevers } = fleet;
    return onceListed(
      fleet,
      () => {
        cloudLevers.throttled = true;
      },
      () => {
        cloudLevers.throttled = false;
      },
    );
  },
};
