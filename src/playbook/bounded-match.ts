import { createContext, Script } from 'node:vm';

/** Longer texts are matched by their beginning: names of alerts and typed inputs are short. */
const longest = 200;
const deadlineMs = 20;
/** Answers kept for one pattern; names of alerts are few. */
const mostKept = 2000;

const answers = new WeakMap<RegExp, Map<string, boolean>>();

/**
 * Whether a pattern of a playbook matches, in bounded time: one that backtracks without end (`^(a+)+$`) does not match, is not tried on the
 * same text again, and never holds a frame for long. Patterns are kept without the flags `g` and `y`, so matching has no memory.
 */
export function matches(pattern: RegExp, text: string): boolean {
  const subject = text.slice(0, longest);
  const known = answers.get(pattern) ?? new Map<string, boolean>();
  answers.set(pattern, known);
  const answer = known.get(subject) ?? (isShallow(pattern.source) ? pattern.test(subject) : matchesInTime(pattern, subject));
  if (known.size >= mostKept) known.clear();
  known.set(subject, answer);
  return answer;
}

/** Few repetitions, none of a group, and few groups: the work grows with at most the square of the text. */
function isShallow(source: string): boolean {
  const bare = source.replace(/\\./gu, 'x').replace(/\[[^\]]*\]/gu, 'x');
  const repeats = bare.replace(/\(\?(?::|<?[=!]|<\w+>)/gu, '(').match(/[*+?{]/gu)?.length ?? 0;
  const groups = bare.match(/\(/gu)?.length ?? 0;
  return repeats <= 2 && groups <= 3 && !/\)[*+{]/u.test(bare);
}

const script = new Script('pattern.test(subject)');

/** V8 interrupts a backtracking match when the deadline of a script ends. */
function matchesInTime(pattern: RegExp, subject: string): boolean {
  try {
    return script.runInContext(createContext({ pattern, subject }), { timeout: deadlineMs }) === true;
  } catch {
    return false;
  }
}
