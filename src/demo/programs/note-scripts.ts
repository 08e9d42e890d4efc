import type { Machine } from '../machine/machine.ts';
import type { Output } from './run-command.ts';

/** The machine's side of notes (remote/host-note.ts): who brought a neighbour into its present state. */
export function runNoteScript(machine: Machine, verb: string, text: string, output: Output): number {
  const { notes } = machine.scripts;
  const key = keyIn(text);
  if (verb === 'list') listNotes(machine, text, output);
  else if (verb === 'remove') {
    notes.delete(key);
    output.out('\n#note removed\n');
  } else {
    const written = /printf '%s\\n' '((?:[^']|'\\'')*)' >"\$N\/note/.exec(text)?.[1] ?? '';
    notes.set(key, written.replaceAll("'\\''", "'"));
    output.out('\n#note written\n');
  }
  return 0;
}

/** Notes whose keys begin as the text says; it may stand at the end of another script. */
export function listNotes(machine: Machine, text: string, output: Output): void {
  const prefix = keyIn(text);
  for (const [key, note] of machine.scripts.notes) if (key.startsWith(prefix)) output.out(`\n#note ${key} ${note}\n`);
  output.out('\n#notes listed\n');
}

function keyIn(text: string): string {
  return /^N=\$B\/quarterdeck-note-(\S+)$/m.exec(text)?.[1] ?? '';
}
