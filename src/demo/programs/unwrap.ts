/** What stands inside the wrappers of one call: a program with its arguments, or shell text. */
export type Unwrapped =
  | { readonly kind: 'program'; readonly argv: readonly string[]; readonly deadlineMs: number | null; readonly user: string | null }
  | { readonly kind: 'script'; readonly text: string; readonly deadlineMs: number | null; readonly user: string | null };

const assignment = /^[A-Za-z_]\w*=/;
const shells = new Set(['sh', 'bash', 'dash', '/bin/sh', '/bin/bash', '/usr/bin/bash']);

/**
 * Takes `exec`, assignments, `env`, `sudo`, `timeout`, `setsid`, `nohup`, `nice` and `ionice` off a call and opens `sh -c`.
 * A script that runs its own first argument (a deadline watchdog, an eval of encoded text) stands for that argument,
 * and a number after it for the seconds it may take.
 */
export function unwrap(words: readonly string[]): Unwrapped {
  let argv = [...words];
  let deadlineMs: number | null = null;
  let user: string | null = null;
  const limit = (ms: number | null): void => {
    if (ms !== null) deadlineMs = deadlineMs === null ? ms : Math.min(deadlineMs, ms);
  };
  for (;;) {
    const first = argv[0];
    if (first === undefined) return { kind: 'program', argv, deadlineMs, user };
    if (assignment.test(first)) argv = argv.slice(1);
    else if (first === 'exec' || first === 'nohup' || first === 'setsid' || first === 'command') argv = skipOptions(argv.slice(1), '');
    else if (first === 'env') argv = skipOptions(argv.slice(1), 'uCS');
    else if (first === 'nice' || first === 'ionice') argv = skipOptions(argv.slice(1), 'ncp');
    else if (first === 'sudo') {
      const at = argv.findIndex((word) => word === '-u' || word === '--user');
      user = at === -1 ? 'root' : (argv[at + 1] ?? 'root');
      // sudo -l asks whether a command is allowed (sudo(8)); on these machines every one is.
      if (argv.slice(1, 4).includes('-l')) return { kind: 'program', argv: ['true'], deadlineMs, user };
      argv = skipOptions(argv.slice(1), 'ughpCrtTUD');
    } else if (first === 'timeout') {
      const rest = skipOptions(argv.slice(1), 'ks');
      limit(seconds(rest[0]));
      argv = rest.slice(1);
    } else if (shells.has(first)) {
      const rest = argv.slice(1);
      const at = rest.findIndex((word) => /^-[a-z]*c$/.test(word));
      if (at === -1) return { kind: 'program', argv, deadlineMs, user };
      const script = rest[at + 1] ?? '';
      const positional = rest.slice(at + 3);
      const inner = firstArgumentOf(script, positional);
      if (inner !== null) limit(seconds(positional.slice(1).find((word) => seconds(word) !== null)));
      return { kind: 'script', text: inner ?? script, deadlineMs, user };
    } else return { kind: 'program', argv, deadlineMs, user };
  }
}

/** The text a script runs when all it does is run its first argument, plain or as `printf %b` escapes; else `null`. */
function firstArgumentOf(script: string, positional: readonly string[]): string | null {
  const first = positional[0];
  if (first === undefined) return null;
  if (/printf %b "\$1"/.test(script))
    return first.replaceAll(/\\0([0-7]{1,3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
  return /(?:sh -c|eval) "\$1"/.test(script) ? first : null;
}

/** Drops leading options; those whose letter is in `valued` take the next word with them. `--` ends them. */
function skipOptions(argv: readonly string[], valued: string): string[] {
  let at = 0;
  while (at < argv.length) {
    const word = argv[at] ?? '';
    if (word === '--') return argv.slice(at + 1);
    if (!word.startsWith('-') || word === '-') break;
    const takesNext = /^-[A-Za-z]$/.test(word)
      ? valued.includes(word.slice(1))
      : word === '--user' || word === '--kill-after' || word === '--signal';
    at += takesNext ? 2 : 1;
  }
  return argv.slice(at);
}

/** A duration as coreutils' timeout takes it, in ms; `null` when it is none. */
function seconds(word: string | undefined): number | null {
  const match = /^(\d+(?:\.\d+)?)([smh]?)$/.exec(word ?? '');
  if (match === null) return null;
  return Number(match[1]) * 1000 * (match[2] === 'm' ? 60 : match[2] === 'h' ? 3600 : 1);
}
