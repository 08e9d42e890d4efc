import { stateDir } from '../journal/state-dir.ts';
import type { GlobalOptions } from './global-options.ts';
import { homeFolder } from './open-fleet.ts';

/** The state directory of the options, made when missing. Throws one plain sentence when it cannot be used. */
export function openStateDir(options: GlobalOptions): string {
  return stateDir({ env: process.env, home: homeFolder(), flag: options.stateDir });
}
