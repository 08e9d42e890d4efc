import type { Fleet } from '../fleet/definition.ts';
import { formatProblem } from '../config/problem.ts';
import { asMarkdown } from '../playbook/as-markdown.ts';
import { type Library, type PlaybookFile, readPlaybookFile, withNeighbours } from '../playbook/library.ts';
import { lintPlaybook } from '../playbook/lint.ts';
import { lintAlerts } from '../playbook/lint/alerts.ts';
import { sanitizeLine } from '../remote/sanitize.ts';
import { counted } from './counted.ts';
import type { GlobalOptions } from './global-options.ts';
import { chooseFleet, definitionOf } from './open-fleet.ts';
import { libraryOf, playbookNamed } from './playbook-named.ts';
import { textTable } from './text-table.ts';
import { exitCode, UsageError } from './usage-error.ts';

/** Prints id, title, owner and last review of every playbook of the fleet; what cannot be read is told on standard error. */
export async function listPlaybooks(options: GlobalOptions, json: boolean): Promise<number> {
  const { library } = await readFrom(options);
  for (const problem of library.problems) process.stderr.write(`${formatProblem(problem)}\n`);
  const playbooks = library.files.map(({ playbook: { id, title, owner, reviewed }, file }) => ({ id, title, owner, reviewed, file }));
  if (json) process.stdout.write(`${JSON.stringify(playbooks)}\n`);
  else if (playbooks.length > 0)
    process.stdout.write(
      `${textTable(
        ['ID', 'TITLE', 'OWNER', 'REVIEWED'],
        playbooks.map((each) => [each.id, sanitizeLine(each.title), sanitizeLine(each.owner), each.reviewed]),
      ).join('\n')}\n`,
    );
  if (library.folder === null) process.stderr.write('The fleet file names no folder of playbooks; add "playbooks:" to it.\n');
  return library.problems.length > 0 ? exitCode.failed : exitCode.ok;
}

/** Prints one playbook as Markdown, for reading off-line. */
export async function showPlaybook(name: string, options: GlobalOptions): Promise<number> {
  const { library } = await readFrom(options);
  const { playbook } = await playbookNamed(library, name);
  process.stdout.write(asMarkdown(playbook));
  return exitCode.ok;
}

/** Prints what is wrong with playbooks, by id or path; without names with all of the fleet's folder. Exit 1 with errors; warnings alone are 0. */
export async function lintPlaybooks(names: readonly string[], options: GlobalOptions, json: boolean): Promise<number> {
  const { fleet, library } = await readFrom(options);
  if (names.length === 0 && library.folder === null)
    throw new UsageError('the fleet file names no folder of playbooks; name files, or add "playbooks:" to it');
  const read = names.length === 0 ? { files: library.files, problems: library.problems } : await named(names, library);
  const findings = [
    ...read.problems.map((problem) => ({ ...problem, severity: 'error' as const, rule: 'form' })),
    ...(await Promise.all(read.files.map((file) => linted(file, fleet, library)))).flat(),
    ...(names.length === 0 ? lintAlerts(library, fleet) : []),
  ];
  if (json) process.stdout.write(`${JSON.stringify(findings)}\n`);
  else
    for (const finding of findings) {
      const message = finding.severity === 'warning' ? `warning: ${finding.message}` : finding.message;
      process.stdout.write(`${formatProblem({ ...finding, message })}\n`);
    }
  const errors = findings.filter((finding) => finding.severity === 'error').length;
  const warnings = findings.length - errors;
  process.stderr.write(`${counted(read.files.length, 'playbook')} read: ${counted(errors, 'error')}, ${counted(warnings, 'warning')}\n`);
  return errors > 0 ? exitCode.failed : exitCode.ok;
}

async function linted(file: PlaybookFile, fleet: Fleet, library: Library): Promise<ReturnType<typeof lintPlaybook>> {
  const around = library.files.includes(file) ? library : await withNeighbours(library, file.file);
  return lintPlaybook(file, { fleet, library: around, nowMs: Date.now() });
}

async function readFrom(options: GlobalOptions): Promise<{ readonly fleet: Fleet; readonly library: Library }> {
  const fleet = await definitionOf(await chooseFleet(options, null));
  return { fleet, library: await libraryOf({ fleet }) };
}

/** Playbooks by id or path, with what is wrong with the form of those that cannot be read. */
async function named(names: readonly string[], library: Library): Promise<Pick<Library, 'files' | 'problems'>> {
  const files: PlaybookFile[] = [];
  const problems: Library['problems'][number][] = [];
  for (const name of names) {
    const known = library.files.find((file) => file.playbook.id === name);
    const broken = library.problems.filter(({ file }) => file.endsWith(`/${name}.yaml`) || file.endsWith(`/${name}.yml`));
    if (known !== undefined) files.push(known);
    else if (broken.length > 0) problems.push(...broken);
    else if (/[/.]/.test(name)) {
      const read = await readPlaybookFile(name);
      if (read.ok) files.push(read.file);
      else problems.push(...read.problems);
    } else files.push(await playbookNamed(library, name));
  }
  return { files, problems };
}
