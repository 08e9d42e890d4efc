import { demoZones } from '../clouds/demo-clouds.ts';
import { onceListed } from './once-listed.ts';
import type { Scenario } from './scenario.ts';

export const zoneMissing: Scenario = {
  name: 'zone-missing',
  title: 'One zone of the cloud cannot be listed',
  what: `From its second listing on, Compute Engine leaves out zone ${demoZones[1]} and says so. Its hosts are kept from before and marked; they still answer over SSH.`,
  apply(fleet) {
    const { cloudLevers } = fleet;
    return onceListed(
      fleet,
      () => {
        cloudLevers.missingZone = demoZones[1];
      },
      () => {
        cloudLevers.missingZone = null;
      },
    );
  },
};
