import { RE2JS } from 're2js';

/*
 * Patterns of playbooks are those of RE2, as CEL defines `matches` (github.com/google/cel-spec, doc/langdef.md): its time grows with the
 * text and the pattern and with nothing else, so that no output of a host can hold the console. It has no look-around and no back
 * references for that reason (github.com/google/re2/wiki/Syntax).
 */

/** What a text can be held against. */
export interface Pattern {
  /** As the file has it. */
  readonly source: string;
  /** Whether it stands anywhere in the text. @throws Error when both together are too long */
  test(text: string): boolean;
}

/** Instructions of a compiled pattern; words and classes are one each, a counted repetition is as many as it counts. */
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

/** Why a text is no pattern, the end of "…: "; `null` when it is one. */
export function whyNoPattern(source: string): string | null {
  try {
    patternOf(source);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : 'it cannot be read';
  }
}

function compiled(source: string): Pattern {
  let program: RE2JS;
  try {
    program = RE2JS.compile(source);
  } catch (error) {
    throw new Error(faultWords(error), { cause: error });
  }
  const size = program.programSize();
  if (size > largest) throw new Error(`it is too large, ${size} steps of at most ${largest}`);
  return {
    source,
    test(text) {
      if (size * text.length > mostWork)
        throw new Error(
          `the pattern ${JSON.stringify(source.slice(0, 60))} is too large for a text of ${Math.ceil(text.length / 1024)} KB`,
        );
      return program.test(text);
    },
  };
}

/** The library says `error parsing regexp: invalid or unsupported Perl syntax: `(?=``; RE2 has some of those names on purpose not. */
function faultWords(error: unknown): string {
  const said = error instanceof Error ? error.message.split('\n', 1)[0] : undefined;
  const [, why = 'it cannot be read', part] = /^(?:error parsing regexp: )?([^`]*?)(?:: `([^]*)`)?$/.exec(said ?? '') ?? [];
  if (part === undefined) return why;
  if (/^\(\?<?[=!]/.test(part)) return `RE2 looks neither ahead nor behind, ${/^\(\?<?[=!]/.exec(part)?.[0] ?? ''}`;
  if (/^\\[1-9k]/.test(part)) return `RE2 has no back references, ${part}`;
  return `${why.replace('invalid or unsupported Perl syntax', 'RE2 does not know')}: ${part}`;
}
