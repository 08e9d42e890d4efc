import { onceListed } from './once-listed.ts';
import type { Scenario } from './scenario.ts';

export const expiredCredentials: Scenario = {
  name: 'expired-credentials',
  title: 'The credentials of both clouds have expired',
  what: 'From the second listing on, both clouds answer 401. No list can be renewed; every host is still watched over SSH.',
  apply(fleet) {
    const { cloudLevers } = fleet;
    return onceListed(
      fleet,
      () => {
        cloudLevers.expired = true;
      },
      () => {
        cloudLevers.expired = false;
      },
    );
  },
};
