import { shownCommand } from '../../src/remote/shown-command.ts';
import { plural } from '../format.ts';
import { blank, type Line, span } from '../terminal/line.ts';
import { wrap } from '../terminal/width.ts';
import { field } from './card-field.ts';

/** A command in one line: a script of ours by what it says of itself, another by its first line, with the number of those behind it. */
export function commandHead(command: string): string {
  const [first = '', ...more] = shownCommand(command).split('\n');
  const hidden = more.length > 0 ? more.length : command.split('\n').length - 1;
  return hidden === 0 ? first : `${first}  (+${plural(hidden, 'line')})`;
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
