import { plural } from '../format.ts';
import { blank, type Line, span } from '../terminal/line.ts';
import { wrap } from '../terminal/width.ts';
import { field } from './card-field.ts';

/** A command in one line: a script of several is named by its first, which says what it does, and counted. */
export function commandHead(command: string): string {
  const [first = '', ...more] = command.split('\n');
  return more.length === 0 ? first : `${first}  (+${plural(more.length, 'line')})`;
}

/** Scripts of several lines as they are, after everything that a person reads first. */
export function scriptLines(commands: readonly { readonly command: string; readonly hostName: string }[], width: number): Line[] {
  const scripts = commands.filter(({ command }) => command.includes('\n'));
  return scripts.flatMap(({ command, hostName }) => [
    blank,
    ...field('in full', `what runs on ${hostName}`, width),
    ...command.split('\n').flatMap((text) => wrap(text, width - 2).map((part): Line => [span('  '), span(part, 'accent')])),
  ]);
}
