import { backupEmptySource } from './backup-empty-source.ts';
import { cpuHog } from './cpu-hog.ts';
import { diskFull } from './disk-full.ts';
import { expiredCredentials } from './expired-credentials.ts';
import { hostDown } from './host-down.ts';
import { lbReload } from './lb-reload.ts';
import { mountLost } from './mount-lost.ts';
import { nfsHang } from './nfs-hang.ts';
import { nfsSlow } from './nfs-slow.ts';
import { noShell } from './no-shell.ts';
import { pencilsDown } from './pencils-down.ts';
import { quota } from './quota.ts';
import type { Scenario } from './scenario.ts';
import { webFlap } from './web-flap.ts';
import { wontStart } from './wont-start.ts';
import { zoneMissing } from './zone-missing.ts';

/** All scenarios, in the order a person is offered them. */
export const scenarios: readonly Scenario[] = [
  pencilsDown,
  nfsHang,
  nfsSlow,
  webFlap,
  diskFull,
  cpuHog,
  wontStart,
  mountLost,
  hostDown,
  noShell,
  zoneMissing,
  quota,
  expiredCredentials,
  lbReload,
  backupEmptySource,
];

/** @throws RangeError naming the known ones. */
export function scenarioNamed(name: string): Scenario {
  const found = scenarios.find((scenario) => scenario.name === name);
  if (found === undefined)
    throw new RangeError(
      `There is no scenario ${JSON.stringify(name)}; known are ${scenarios.map((scenario) => scenario.name).join(', ')}.`,
    );
  return found;
}
