import { fileProblem, type Problem } from './problem.ts';

/** What is wrong with bytes that are to be text, at its line; `null` when they are UTF-8. A sign that is not would be read as another one. */
export function wrongEncoding(bytes: Buffer, path: string): Problem | null {
  if (bytes.length >= 2 && ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff))) {
    return fileProblem(path, 'This file is written in UTF-16.', 'Save it as UTF-8.');
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
