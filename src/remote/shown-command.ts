/**
 * A planned command as a person is shown it. A script of our own tells what it does in the comments it begins with; its whole text is in
 * the plan's JSON and in the journal. Any other command is shown as it is.
 */
export function shownCommand(command: string): string {
  const at = command.indexOf('# quarterdeck ');
  if (at === -1) return command;
  const lines = command.slice(at).split('\n');
  const rest = lines.findIndex((line) => !line.startsWith('# '));
  const said = lines.slice(0, rest === -1 ? undefined : rest).map((line) => line.slice(2));
  const privilege = command
    .slice(0, at)
    .replace(/sh -c '$/, '')
    .trim();
  // Named as a script: the words after it are no command that could be typed.
  return `${privilege === '' ? '' : `${privilege} `}script ${said.join(': ').replace(/^quarterdeck /, '')}`;
}
