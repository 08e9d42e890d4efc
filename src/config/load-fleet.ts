import { homedir } from 'node:os';
import { readBounded } from './bounded-file.ts';
import type { Variables } from './asked-values.ts';
import { type FleetResult, parseFleet } from './parse-fleet.ts';
import { fileProblem, type Problem } from './problem.ts';
import { wrongEncoding } from './text-encoding.ts';
import { maxYamlBytes } from './yaml-tree.ts';

const othersMayWrite = 0o002;

/** Reads and checks a fleet file. Whatever is wrong with file or content is a problem in the result; never rejects. */
export async function loadFleet(path: string, home: string = homedir(), env: Variables = process.env): Promise<FleetResult> {
  const file = await readBounded(path, maxYamlBytes);
  if (!file.ok) {
    const remedy = file.why === 'missing' ? 'Name another with --fleet, or try "quarterdeck demo".' : null;
    return failed(fileProblem(path, `The fleet file ${file.text}.`, remedy));
  }
  if ((file.mode & othersMayWrite) !== 0) {
    const message = 'Anyone on this machine may change this fleet file, and with it what is run on your hosts.';
    return failed(fileProblem(path, message, `Run: chmod o-w ${shellWord(path)}`));
  }
  const encoding = wrongEncoding(file.bytes, path);
  if (encoding !== null) return failed(encoding);
  return parseFleet(file.bytes.toString('utf8'), path, home, env);
}

function failed(problem: Problem): FleetResult {
  return { ok: false, problems: [problem] };
}

function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
