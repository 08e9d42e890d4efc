/** A value that a second shell reads again: the quotes it brings hold only for the first. */
export interface ReadTwice {
  /** As in `{{ place }}`. */
  readonly place: string;
  /** What hands it on, as people name it: `sh -c`, `ssh`, `eval`. */
  readonly by: string;
}

const place = /\{\{\s*([^{}]*?)\s*\}\}/g;
const shells = new Set(['sh', 'bash', 'dash', 'ash', 'zsh', 'ksh']);
/** Commands that start another one, which may be a shell. */
const starters = new Set(
  (
    'sudo doas env timeout nice ionice chrt taskset nohup setsid stdbuf time exec command builtin xargs flock systemd-run docker podman ' +
    'kubectl nsenter unshare chroot setpriv runcon sshpass watch parallel find busybox strace ltrace runuser su'
  ).split(' '),
);
/** What stands before a command without being one. */
const openers = new Set(['{', '!', 'if', 'then', 'else', 'elif', 'do', 'while', 'until', 'time', 'exec', 'command', 'builtin']);
/** Programs that give what follows `-c` to a shell. */
const givers = new Set(['su', 'runuser', 'sg', 'script', 'flock']);
/** Options of ssh(1) that take a value. */
const sshValues = /^-[46AaCfGgKkMNnqsTtVvXxYy]*[BbcDEeFIiJLlmOoPpQRSWw]$/;

/**
 * The first value of a command that another shell reads again, so that its quotes are gone when it counts: the words of `eval` and of ssh
 * behind the host, and the script behind `-c`. Values that follow such a script are its `$1`, `$2` and stay what they are.
 * @param command a line for a shell, or a list of words
 */
export function placeReadTwice(command: string | readonly string[]): ReadTwice | null {
  const commands = typeof command === 'string' ? simpleCommands(command) : [command];
  for (const words of commands) {
    for (const { word, by } of readAgain(words)) {
      const found = word.matchAll(place).next().value?.[1];
      if (found !== undefined) return { place: found, by };
    }
  }
  return null;
}

interface Again {
  readonly word: string;
  readonly by: string;
}

function readAgain(words: readonly string[]): readonly Again[] {
  const first = words.findIndex((word) => !openers.has(word) && !/^\w+=/.test(word));
  const rest = first === -1 ? [] : words.slice(first);
  const mayStart = starters.has(nameOf(rest[0]));
  // `grep sh` names no shell: only what starts others has one behind it.
  return rest.flatMap((word, at) => (at === 0 || mayStart ? givenOn(nameOf(word), rest.slice(at + 1)) : []));
}

/** What a program hands to a shell of its arguments. */
function givenOn(program: string, given: readonly string[]): readonly Again[] {
  if (program === 'eval' || program === 'trap' || program === 'watch') return given.map((word) => ({ word, by: program }));
  if (program === 'ssh') return remoteWords(given).map((word) => ({ word, by: program }));
  if (program === 'gcloud')
    return given.includes('ssh') ? optionValues(given, /^--command(?:=|$)/).map((word) => ({ word, by: 'gcloud compute ssh' })) : [];
  if (givers.has(program)) {
    const own = given.includes('--') ? given.slice(0, given.indexOf('--')) : given;
    return optionValues(own, /^(?:-[a-z]*c$|--command(?:=|$))/).map((word) => ({ word, by: `${program} -c` }));
  }
  if (!shells.has(program)) return [];
  const options = given.findIndex((word) => !/^[-+]/.test(word));
  const script = given.findIndex((word) => /^-[A-Za-z]*c[A-Za-z]*$/.test(word));
  if (script === -1 || (options !== -1 && options < script && !/^-[A-Za-z]*o$/.test(given[options - 1] ?? ''))) return [];
  const behind = given.slice(script + 1).find((word) => !/^[-+]/.test(word));
  return behind === undefined ? [] : [{ word: behind, by: `${program} -c` }];
}

/** The words behind the host: ssh joins them with blanks, and the shell over there reads them. */
function remoteWords(given: readonly string[]): readonly string[] {
  for (let at = 0; at < given.length; at += 1) {
    const word = given[at] ?? '';
    if (word === '--') return given.slice(at + 2);
    if (!word.startsWith('-')) return given.slice(at + 1).filter((each, index) => index > 0 || each !== '--');
    if (sshValues.test(word)) at += 1;
  }
  return [];
}

/** Values of the options that match, in the same word or the next. */
function optionValues(given: readonly string[], option: RegExp): readonly string[] {
  return given.flatMap((word, at) => {
    if (!option.test(word)) return [];
    return word.includes('=') ? [word.slice(word.indexOf('=') + 1)] : given.slice(at + 1, at + 2);
  });
}

function nameOf(word: string | undefined): string {
  return word?.replace(/^.*\//, '') ?? '';
}

/** A line as its commands, each as its words without their quotes; what a `<` or `>` leads to is no word. */
function simpleCommands(line: string): readonly (readonly string[])[] {
  const commands: string[][] = [];
  let words: string[] = [];
  let word: string | null = null;
  let aside = false;
  const endWord = (): void => {
    if (word !== null && !aside) words.push(word);
    if (word !== null) aside = false;
    word = null;
  };
  const endCommand = (): void => {
    endWord();
    if (words.length > 0) commands.push(words);
    words = [];
    aside = false;
  };
  const token = /\{\{[^{}]*\}\}|\\[^]|'[^']*'?|"(?:\\[^]|[^"\\])*"?|&>>?|[<>]+&?|[;|&()`\n]|\s+|#|[^]/g;
  let comment = false;
  for (const [part] of line.matchAll(token)) {
    if (comment) {
      if (!part.includes('\n')) continue;
      comment = false;
      endCommand();
    } else if (part === '#' && word === null) comment = true;
    else if (/^&?[<>]/.test(part)) {
      // `2>` is a file's number, not a word.
      if (/^\d+$/.test(word ?? '')) word = null;
      endWord();
      aside = true;
    } else if (/^[;|&()`\n]/.test(part)) endCommand();
    else if (/^\s/.test(part)) {
      endWord();
      if (part.includes('\n')) endCommand();
    } else word = (word ?? '') + unquoted(part);
  }
  endCommand();
  return commands;
}

function unquoted(part: string): string {
  if (part.startsWith('{{')) return part;
  if (part.startsWith("'")) return part.slice(1).replace(/'$/, '');
  if (part.startsWith('"')) return part.slice(1).replace(/"$/, '');
  return part.startsWith('\\') ? part.slice(1) : part;
}

/** What to do about it, a sentence. */
export function onceRemedy({ place: name, by }: ReadTwice): string {
  if (by === 'eval' || by === 'trap') return `Write the command out without ${by}.`;
  if (by === 'watch') return 'Let the step wait for it: wait, until, every.';
  if (by.includes('ssh'))
    return `Let the step run over there (host:), or give it by standard input: printf '%s\\n' {{ ${name} }} | ${by} HOST 'read -r it; …'.`;
  if (by === 'su -c' || by === 'runuser -c')
    return `Write sudo -u USER PROGRAM {{ ${name} }}, which starts no shell, or give it by standard input.`;
  if (!shells.has(by.replace(' -c', ''))) return `Give it by standard input: printf '%s\\n' {{ ${name} }} | ${by} 'read -r it; …'.`;
  return `Give it behind the script, which has it as "$1": ${by} '… "$1" …' _ {{ ${name} }}; or by standard input.`;
}
