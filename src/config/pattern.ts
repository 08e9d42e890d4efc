import { RE2JS } from 're2js';
import type { Pattern, Redaction } from '../fleet/pattern.ts';

/*
 * Every pattern of a fleet file or a playbook is one of RE2: its time grows with the text and the pattern and with nothing else, so that no
 * name, label or output from outside can hold the console. It has no look-ahead and no back references for that reason
 * (github.com/google/re2/wiki/Syntax). CEL defines `matches` by it (github.com/google/cel-spec, doc/langdef.md).
 */

/** Instructions of a compiled pattern: a letter and a class are one each, a counted repetition is as many as it counts. */
const largest = 250;
/** Instructions times characters: about a second where RE2's automaton outgrows its memory and every instruction is tried everywhere. */
const mostWork = 30_000_000;
const mostKept = 64;

const kept = new Map<string, Pattern>();

/** Compiled once for as long as it is in use. @throws Error of one line for what RE2 does not know, or what is too large */
export function patternOf(source: string): Pattern {
  const found = kept.get(source);
  // What was used last is dropped last.
  kept.delete(source);
  const pattern = found ?? compiled(source);
  kept.set(source, pattern);
  for (const oldest of kept.keys()) {
    if (kept.size <= mostKept) break;
    kept.delete(oldest);
  }
  return pattern;
}

/** Why a text is no pattern (or what `read` makes of one), the end of "…: "; `null` when it is one. */
export function whyNoPattern(source: string, read: (source: string) => unknown = patternOf): string | null {
  try {
    read(source);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : 'it cannot be read';
  }
}

/**
 * A pattern of what is taken out of a text. It may look behind, at what stands before a secret, where no group in there is kept: `(?:…)`.
 * @throws Error as `patternOf`
 */
export function redactionOf(source: string): Redaction {
  const program = programOf(source, RE2JS.LOOKBEHINDS);
  return {
    source,
    replaceAll: (text, by) =>
      // Looking costs a fraction of taking out, and most texts hold nothing.
      program.test(text) ? program.matcher(text).replaceAll((match: string) => (match === '' ? '' : by)) : text,
  };
}

function compiled(source: string): Pattern {
  const program = programOf(source, 0);
  const size = program.programSize();
  return {
    source,
    test(text) {
      if (size * text.length > mostWork)
        throw new Error(
          `the pattern ${JSON.stringify(source.slice(0, 60))} is too large for a text of ${Math.ceil(text.length / 1024)} KB`,
        );
      return program.test(text);
    },
    exec(text) {
      const match = program.matcher(text);
      if (!match.find()) return null;
      const groups = Object.keys(program.namedGroups()).map((name): [string, string | undefined] => [name, match.group(name) ?? undefined]);
      return { groups: groups.length === 0 ? undefined : Object.fromEntries(groups) };
    },
  };
}

function programOf(source: string, flags: number): RE2JS {
  let program: RE2JS;
  try {
    program = RE2JS.compile(source, flags);
  } catch (error) {
    throw new Error(faultWords(error), { cause: error });
  }
  const size = program.programSize();
  if (size > largest) throw new Error(`it is too large, ${size} steps of at most ${largest}`);
  return program;
}

/** The library says `error parsing regexp: invalid or unsupported Perl syntax: `(?=``; RE2 has some of those names on purpose not. */
function faultWords(error: unknown): string {
  const said = error instanceof Error ? error.message.split('\n', 1)[0] : undefined;
  const [, why = 'it cannot be read', part] = /^(?:error parsing regexp: )?([^`]*?)(?:: `([^]*)`)?$/.exec(said ?? '') ?? [];
  if (part === undefined) return why;
  if (why.startsWith('invalid capture in lookbehind')) return 'a group in (?<=…) keeps nothing, so it must be (?:…)';
  if (/^\(\?<?[=!]/.test(part)) return `RE2 looks neither ahead nor behind, ${/^\(\?<?[=!]/.exec(part)?.[0] ?? ''}`;
  if (/^\\[1-9k]/.test(part)) return `RE2 has no back references, ${part}`;
  return `${why.replace('invalid or unsupported Perl syntax', 'RE2 does not know')}: ${part}`;
}
