import { cpuHog } from './cpu-hog.ts';
import { diskFull } from './disk-full.ts';
import { hostDown } from './host-down.ts';
import { mountLost } from './mount-lost.ts';
import { nfsHang } from './nfs-hang.ts';
import { nfsSlow } from './nfs-slow.ts';
import { pencilsDown } from './pencils-down.ts';
import type { Scenario } from './scenario.ts';
import { webFlap } from './web-flap.ts';
import { wontStart } from './wont-start.ts';

/** All scenarios, in the order a person is offered them. */
export const scenarios: readonly Scenario[] = [pencilsDown, nfsHang, nfsSlow, webFlap, diskFull, cpuHog, wontStart, mountLost, hostDown];

/** @throws RangeError naming the known ones. */
export function scenarioNamed(name: string): Scenario {
  const found = scenarios.find((scenario) => scenario.name === name);
  if (found === undefined)
    throw new RangeError(
      `There is no scenario ${JSON.stringify(name)}; known are ${scenarios.map((scenario) => scenario.name).join(', ')}.`,
    );
  return found;
}
