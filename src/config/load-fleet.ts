import { homedir } from 'node:os';
import { readBounded } from './bounded-file.ts';
import type { Variables } from './asked-values.ts';
import { type FleetResult, parseFleet } from './parse-fleet.ts';
import { fileProblem, type Problem } from './problem.ts';
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

function wrongEncoding(bytes: Buffer, path: string): Problem | null {
  if (bytes.length >= 2 && ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff))) {
    return fileProblem(path, 'The fleet file is written in UTF-16.', 'Save it as UTF-8.');
  }
  const decoder = new TextDecoder('utf-8', { fatal: true });
  for (let start = 0, line = 1; start < bytes.length; line += 1) {
    const feed = bytes.indexOf(0x0a, start);
    const end = feed === -1 ? bytes.length : feed;
    try {
      decoder.decode(bytes.subarray(start, end));
    } catch {
      return { ...fileProblem(path, 'This line is not UTF-8 text.', 'Save the file as UTF-8.'), line, column: 1 };
    }
    start = end + 1;
  }
  return null;
}

function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
