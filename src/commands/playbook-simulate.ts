import { stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { formatProblem, type Problem } from '../config/problem.ts';
import { readSimulation, readSimulations } from '../playbook/dry/read-simulations.ts';
import { simulate, type SimulatedEnd } from '../playbook/dry/simulate.ts';
import type { SimulationFile } from '../playbook/dry/simulation-file.ts';
import { type Library, readLibrary } from '../playbook/library.ts';
import { sanitizeLine } from '../remote/sanitize.ts';
import { counted } from './counted.ts';
import type { GlobalOptions } from './global-options.ts';
import { chooseFleet, definitionOf } from './open-fleet.ts';
import { libraryOf } from './playbook-named.ts';
import { exitCode, UsageError } from './usage-error.ts';

interface Found {
  readonly library: Library;
  readonly files: readonly SimulationFile[];
  readonly problems: readonly Problem[];
}

/**
 * Runs recorded tests of playbooks and prints a line a test. `names` are ids of playbooks of the fleet, files of tests or folders of
 * playbooks; none means all tests of the fleet. Exit 0 when all passed, 1 when one did not, 64 when one cannot be read. Connects to nothing.
 */
export async function simulatePlaybooks(names: readonly string[], options: GlobalOptions, json: boolean): Promise<number> {
  const found = await testsOf(names, options);
  const problems = found.flatMap((each) => [...each.library.problems, ...each.problems]);
  if (problems.length > 0) throw new UsageError([...new Set(problems.map(formatProblem))].join('\n'));
  const ends: SimulatedEnd[] = [];
  for (const { library, files } of found) {
    for (const simulation of files) {
      const file = library.files.find(({ playbook }) => playbook.id === simulation.playbook);
      if (file === undefined) continue;
      for (const test of simulation.tests) {
        const end = await simulate(test, simulation, file, library);
        ends.push(end);
        if (!json) process.stdout.write(`${linesOf(end).join('\n')}\n`);
      }
    }
  }
  if (json) process.stdout.write(`${JSON.stringify(ends)}\n`);
  const failed = ends.filter((end) => !end.ok).length;
  process.stderr.write(ends.length === 0 ? 'there are no recorded tests\n' : `${counted(ends.length, 'test')}: ${failed} failed\n`);
  return failed > 0 ? exitCode.failed : exitCode.ok;
}

function linesOf(end: SimulatedEnd): readonly string[] {
  const name = `${end.playbook}: ${sanitizeLine(end.name)}`;
  if (end.ok) return [`ok    ${name}`];
  return [
    `FAIL  ${name} (${end.file}:${end.line})`,
    ...end.faults.map((fault) => `      ${sanitizeLine(fault, 400)}`),
    ...end.differences.flatMap(({ what, expected, seen }) => [
      `      ${what} expected: ${sanitizeLine(expected, 2000)}`,
      `      ${what} seen:     ${sanitizeLine(seen, 2000)}`,
    ]),
  ];
}

async function testsOf(names: readonly string[], options: GlobalOptions): Promise<readonly Found[]> {
  const paths = names.filter((name) => /[/.]/.test(name));
  const ids = names.filter((name) => !paths.includes(name));
  const found = await Promise.all(paths.map(atPath));
  if (names.length > 0 && ids.length === 0) return found;
  const library = await libraryOf({ fleet: await definitionOf(await chooseFleet(options, null)) });
  if (library.folder === null)
    throw new UsageError('the fleet file names no folder of playbooks; name a folder, or add "playbooks:" to it');
  const all = await readSimulations(library);
  if (ids.length === 0) return [{ library, ...all }];
  const unknown = ids.find((id) => !library.files.some(({ playbook }) => playbook.id === id));
  if (unknown !== undefined && library.problems.length === 0)
    throw new UsageError(
      `no playbook ${JSON.stringify(unknown)}: there are ${library.files.map(({ playbook }) => playbook.id).join(', ')}`,
    );
  return [...found, { library, files: all.files.filter(({ playbook }) => ids.includes(playbook)), problems: all.problems }];
}

/** Tests at a path: a folder of playbooks, a playbook of it, or a file of its `tests`. */
async function atPath(path: string): Promise<Found> {
  const is = await stat(path).catch(() => null);
  if (is === null) throw new UsageError(`${path} does not exist`);
  if (is.isDirectory()) {
    const library = await readLibrary(path);
    return { library, ...(await readSimulations(library)) };
  }
  const folder = dirname(path);
  if (basename(folder) === 'tests' || basename(process.cwd()) === 'tests') {
    const library = await readLibrary(folder === '.' ? '..' : dirname(folder));
    return { library, ...(await readSimulation(path, library)) };
  }
  const library = await readLibrary(folder);
  const id = library.files.find(({ file }) => basename(file) === basename(path))?.playbook.id;
  const all = await readSimulations(library);
  return { library, files: all.files.filter(({ playbook }) => playbook === id), problems: all.problems };
}
