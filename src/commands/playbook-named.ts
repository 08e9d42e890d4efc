import { formatProblem } from '../config/problem.ts';
import { type Library, noLibrary, type PlaybookFile, readLibrary, readPlaybookFile, withNeighbours } from '../playbook/library.ts';
import type { Session } from './session.ts';
import { UsageError } from './usage-error.ts';

/** The playbooks of a fleet: the folder that its file names. */
export function libraryOf(session: Pick<Session, 'fleet'>): Promise<Library> {
  const { playbooks } = session.fleet;
  return playbooks === null ? Promise.resolve(noLibrary) : readLibrary(playbooks);
}

/** A playbook by its id, or by its path. Throws a UsageError with everything wrong with it. */
export async function playbookNamed(library: Library, name: string): Promise<PlaybookFile> {
  const known = library.files.find((file) => file.playbook.id === name);
  if (known !== undefined) return known;
  if (/[/.]/.test(name)) {
    const read = await readPlaybookFile(name);
    if (read.ok) return read.file;
    throw new UsageError(read.problems.map(formatProblem).join('\n'));
  }
  const broken = library.problems.filter((problem) => problem.file.endsWith(`/${name}.yaml`) || problem.file.endsWith(`/${name}.yml`));
  if (broken.length > 0) throw new UsageError(broken.map(formatProblem).join('\n'));
  if (library.files.length === 0 && library.problems.length > 0) throw new UsageError(library.problems.map(formatProblem).join('\n'));
  const ids = library.files.map((file) => file.playbook.id).join(', ');
  throw new UsageError(
    `no playbook ${JSON.stringify(name)}: ${ids === '' ? 'the fleet file names no folder with any' : `there are ${ids}`}`,
  );
}

/** As `playbookNamed`, with all that it may play: of one named by its path also those beside it. */
export async function playbookAndOthers(session: Pick<Session, 'fleet'>, name: string): Promise<{ file: PlaybookFile; library: Library }> {
  const known = await libraryOf(session);
  const file = await playbookNamed(known, name);
  return { file, library: known.files.includes(file) ? known : await withNeighbours(known, name) };
}
