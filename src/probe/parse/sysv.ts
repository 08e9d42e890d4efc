import { unsigned } from './numbers.ts';

/** Lines `<script> <exit code of its status>`; 127 stands for a script that is not there. */
export function parseSysv(text: string): ReadonlyMap<string, number> {
  const scripts = new Map<string, number>();
  for (const line of text.split('\n')) {
    const blank = line.lastIndexOf(' ');
    const exit = blank > 0 ? unsigned(line.slice(blank + 1)) : null;
    if (exit !== null) scripts.set(line.slice(0, blank), exit);
  }
  return scripts;
}
