import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileProblem, type Problem } from '../../config/problem.ts';
import { maxYamlBytes } from '../../config/yaml-tree.ts';
import { visibleName } from '../../remote/sanitize.ts';
import type { Library } from '../library.ts';
import { parseSimulation, type SimulationFile } from './simulation-file.ts';

export interface Simulations {
  readonly files: readonly SimulationFile[];
  readonly problems: readonly Problem[];
}

/** Every `tests/*.yaml` beside the playbooks of a folder. A folder without tests has none, and that is no fault. */
export async function readSimulations(library: Library): Promise<Simulations> {
  if (library.folder === null) return { files: [], problems: [] };
  const folder = join(library.folder, 'tests');
  const names = await readdir(folder).catch(() => []);
  const paths = names.filter((name) => /\.ya?ml$/.test(name) && !name.startsWith('.')).toSorted();
  const read = await Promise.all(paths.map((name) => readSimulation(join(folder, name), library)));
  return { files: read.flatMap(({ files }) => files), problems: read.flatMap(({ problems }) => problems) };
}

/** One file of recorded tests, against the playbooks of its library. */
export async function readSimulation(path: string, library: Library): Promise<Simulations> {
  const file = visibleName(path);
  try {
    if ((await stat(path)).size > maxYamlBytes)
      return { files: [], problems: [fileProblem(file, `This file of tests is larger than ${maxYamlBytes / 1024} KB.`)] };
    const playbooks = new Map(library.files.map(({ playbook }) => [playbook.id, playbook]));
    const parsed = parseSimulation(await readFile(path, 'utf8'), file, playbooks);
    return parsed.ok ? { files: [parsed.simulation], problems: [] } : { files: [], problems: parsed.problems };
  } catch {
    return { files: [], problems: [fileProblem(file, 'This file of tests cannot be read.')] };
  }
}
