import { readFile } from 'node:fs/promises';
import { readInputs } from '../playbook/inputs.ts';
import type { Input } from '../playbook/playbook.ts';
import { hiddenLine } from './hidden-line.ts';
import { UsageError } from './usage-error.ts';

/**
 * Inputs as they were given, those of files read, and secrets that are needed and missing asked for where somebody is there. A secret in
 * the command line is taken, and said to be no secret any more.
 */
export async function withSecrets(
  inputs: readonly Input[],
  given: Readonly<Record<string, string>>,
  files: Readonly<Record<string, string>>,
): Promise<Readonly<Record<string, string>>> {
  const read = await Promise.all(Object.entries(files).map(async ([name, file]) => [name, await firstLine(name, file)] as const));
  for (const [name] of read)
    if (given[name] !== undefined) throw new UsageError(`${name} is given by --input and by --input-file; give it once`);
  const all: Record<string, string> = { ...given, ...Object.fromEntries(read) };
  for (const { name, type, optional } of inputs) {
    if (type !== 'secret') continue;
    if (given[name] !== undefined)
      process.stderr.write(
        `${name} is a secret and stood in the command line, where other users of this machine see it; --input-file ${name}=FILE keeps it out\n`,
      );
    if (all[name] === undefined && !optional && process.stdin.isTTY === true) all[name] = await askedFor(inputs, name);
  }
  return all;
}

/** Asks until it is a value that the page takes. */
async function askedFor(inputs: readonly Input[], name: string): Promise<string> {
  const own = inputs.filter((input) => input.name === name);
  const help = own[0]?.help ?? null;
  for (;;) {
    const text = await hiddenLine(`${name} (secret, not shown)${help === null ? '' : ` ${help}`}: `);
    const result = readInputs(own, { [name]: text }, () => []);
    if (result.ok) return text;
    process.stderr.write(`${name} ${result.wrong[name] ?? 'is needed'}\n`);
  }
}

async function firstLine(name: string, file: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).split('\n', 1)[0]?.replace(/\r$/, '') ?? '';
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? String(error.code) : 'it cannot be read';
    throw new UsageError(`--input-file ${name}=${file}: the file cannot be read (${why})`);
  }
}
