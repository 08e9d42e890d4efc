import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { suggestion } from './nearest.ts';
import { fileProblem, type Problem } from './problem.ts';
import { quoted } from './visible.ts';

export type FoundFleet =
  /** `why` says in words what led there: `--fleet`, `QUARTERDECK_FLEET` or the usual place. */
  | { readonly path: string; readonly why: string }
  | { readonly demo: true; readonly why: string }
  /** A name that no folder of fleet files knows. */
  | { readonly problem: Problem };

/**
 * Which fleet file to open: `--fleet FILE|NAME`, else `$QUARTERDECK_FLEET`, else `~/.config/quarterdeck/fleet.yaml`, else the demo.
 * A NAME is `config/NAME.yaml` in the project or `~/.config/quarterdeck/NAME.yaml`; anything with a slash or ending in .yaml or .yml is a FILE.
 * @param project folder of the project, found from this file unless given
 */
export function findFleetFile(from: {
  readonly flag: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  readonly project?: string | null;
}): FoundFleet {
  const { flag, env, home } = from;
  const own = join(home, '.config', 'quarterdeck');
  const project = from.project === undefined ? projectFolder(import.meta.dirname) : from.project;
  const folders = [...(project === null ? [] : [join(project, 'config')]), own];
  if (flag !== undefined && flag !== '') return named(flag, '--fleet', folders, home);
  const variable = env['QUARTERDECK_FLEET'];
  if (variable !== undefined && variable !== '') return named(variable, 'QUARTERDECK_FLEET', folders, home);
  const usual = join(own, 'fleet.yaml');
  if (existsSync(usual)) return { path: usual, why: 'the usual place' };
  return { demo: true, why: `there is no ${usual}, and neither --fleet nor QUARTERDECK_FLEET names another` };
}

function named(given: string, why: string, folders: readonly string[], home: string): FoundFleet {
  if (given === 'demo') return { demo: true, why };
  if (given.includes('/') || /\.ya?ml$/.test(given)) return { path: given.startsWith('~/') ? join(home, given.slice(2)) : given, why };
  const found = folders.map((folder) => join(folder, `${given}.yaml`)).find((path) => existsSync(path));
  if (found !== undefined) return { path: found, why };
  const message = `There is no fleet called ${quoted(given)} in ${folders.join(' or ')}.`;
  return { problem: fileProblem(why, message, suggestion(given, ['demo', ...folders.flatMap(fleetsIn)], 'Fleets there')) };
}

function fleetsIn(folder: string): string[] {
  try {
    return readdirSync(folder).flatMap((file) => (file.endsWith('.yaml') && file !== 'demo.yaml' ? [file.slice(0, -'.yaml'.length)] : []));
  } catch {
    return [];
  }
}

/** The nearest folder above with the project's own fleet files; `null` when the program was installed without them. */
function projectFolder(start: string): string | null {
  for (let folder = start; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'config', 'demo.yaml'))) return folder;
    if (folder === dirname(folder)) return null;
  }
}
