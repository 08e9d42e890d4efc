import { constants } from 'node:fs';
import { lstat, open, readdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileProblem, type Problem } from '../config/problem.ts';
import { wrongEncoding } from '../config/text-encoding.ts';
import { maxYamlBytes } from '../config/yaml-tree.ts';
import { visibleName } from '../remote/sanitize.ts';
import { parsePlaybook } from './parse-playbook.ts';
import type { Playbook } from './playbook.ts';

/** One playbook with the text it was read from. */
export interface PlaybookFile {
  readonly playbook: Playbook;
  readonly text: string;
  /** Path as it is shown. */
  readonly file: string;
}

/** All playbooks of a folder; what could not be read is told and left out. */
export interface Library {
  readonly folder: string | null;
  readonly files: readonly PlaybookFile[];
  readonly problems: readonly Problem[];
}

export const noLibrary: Library = { folder: null, files: [], problems: [] };

const mostFiles = 500;

/**
 * Reads every `*.yaml` and `*.yml` of the folder, not of folders below. A playbook holds commands for hosts, so it is read only where
 * nobody else could have written it: file and folders owned by this user or root, not writable by others, no links (sshd's StrictModes).
 */
export async function readLibrary(folder: string): Promise<Library> {
  const unsafe = await whyUnsafeFolder(resolve(folder));
  if (unsafe !== null) return { folder, files: [], problems: [unsafe] };
  let names: string[];
  try {
    names = (await readdir(folder)).filter((name) => /\.ya?ml$/.test(name) && !name.startsWith('.')).toSorted();
  } catch {
    return {
      folder,
      files: [],
      problems: [fileProblem(folder, 'The folder of the playbooks cannot be read.', 'Give this user the right to read it.')],
    };
  }
  const read = await Promise.all(names.slice(0, mostFiles).map((name) => readPlaybookFile(join(folder, name))));
  const files = read.flatMap((each) => (each.ok ? [each.file] : []));
  const problems = read.flatMap((each) => (each.ok ? [] : each.problems));
  if (names.length > mostFiles)
    problems.push(
      fileProblem(
        folder,
        `It holds ${names.length} playbooks; only ${mostFiles} are read.`,
        'Put those of another fleet in a folder of their own.',
      ),
    );
  return { folder, files, problems };
}

/** The playbooks beside one that was named by its path, behind those of the fleet: it may play them. */
export async function withNeighbours(library: Library, path: string): Promise<Library> {
  const beside = await readLibrary(dirname(path));
  const known = new Set(library.files.map(({ playbook }) => playbook.id));
  return {
    ...library,
    folder: library.folder ?? beside.folder,
    files: [...library.files, ...beside.files.filter(({ playbook }) => !known.has(playbook.id))],
  };
}

/** One playbook by its path. */
export async function readPlaybookFile(
  path: string,
): Promise<{ readonly ok: true; readonly file: PlaybookFile } | { readonly ok: false; readonly problems: readonly Problem[] }> {
  const shown = visibleName(path);
  const wrong = (message: string, remedy: string): { readonly ok: false; readonly problems: readonly Problem[] } => ({
    ok: false,
    problems: [fileProblem(shown, message, remedy)],
  });
  let text: string;
  try {
    // Opened without following a link, and judged by what was opened, so that nobody can change it in between.
    const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const stat = await handle.stat();
      const unsafe = whyUnsafe(stat);
      if (!stat.isFile()) return wrong('This playbook is not a regular file.', 'Name a file of text.');
      if (unsafe !== null)
        return wrong(`This playbook ${unsafe}, and with it what is run on your hosts.`, 'Run: chmod go-w on it, as its owner.');
      if (stat.size > maxYamlBytes)
        return wrong(`This playbook is larger than ${maxYamlBytes / 1024} KB.`, 'Split it, and let one play the other.');
      const bytes = await handle.readFile();
      const encoding = wrongEncoding(bytes, shown);
      if (encoding !== null) return { ok: false, problems: [encoding] };
      text = bytes.toString('utf8');
    } finally {
      await handle.close();
    }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : null;
    if (code === 'ELOOP') return wrong('This playbook is a link; playbooks are read from the folder itself.', 'Copy it there.');
    return code === 'ENOENT'
      ? wrong('This playbook does not exist.', 'quarterdeck playbook list names those of the fleet.')
      : wrong('This playbook cannot be read.', 'Give this user the right to read it.');
  }
  const parsed = parsePlaybook(text, shown);
  return parsed.ok ? { ok: true, file: { playbook: parsed.playbook, text, file: shown } } : { ok: false, problems: parsed.problems };
}

async function whyUnsafeFolder(folder: string): Promise<Problem | null> {
  for (let at = folder; ; at = dirname(at)) {
    const stat = await lstat(at).catch(() => null);
    if (stat === null)
      return fileProblem(
        visibleName(folder),
        'The folder of the playbooks does not exist.',
        'Name another with "playbooks:" in the fleet file.',
      );
    if (stat.isSymbolicLink() && at === folder)
      return fileProblem(visibleName(at), 'The folder of the playbooks is a link.', 'Name the folder itself.');
    // A sticky folder such as /tmp lets nobody rename what is another's.
    const sticky = (stat.mode & 0o1000) !== 0;
    const unsafe = stat.isSymbolicLink() || (sticky && at !== folder) ? null : whyUnsafe(stat);
    if (unsafe !== null)
      return fileProblem(visibleName(at), `This folder ${unsafe}, and with it what is run on your hosts.`, 'Run: chmod go-w on it.');
    if (at === dirname(at)) return null;
  }
}

function whyUnsafe(stat: { readonly mode: number; readonly uid: number; readonly gid: number }): string | null {
  const own = process.getuid?.() ?? stat.uid;
  if (stat.uid !== own && stat.uid !== 0) return 'belongs to somebody else, who may change it';
  if ((stat.mode & 0o002) !== 0) return 'may be changed by anybody on this machine';
  // A group of one's own, as Debian makes for each user, is nobody else.
  if ((stat.mode & 0o020) !== 0 && stat.gid !== (process.getgid?.() ?? stat.gid)) return 'may be changed by its group';
  return null;
}
