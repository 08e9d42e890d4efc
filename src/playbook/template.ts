import { placeWords, quotedPlace } from '../fleet/shell-quotes.ts';
import { shq } from '../remote/quote.ts';
import { plain, type Scope, unknown } from './expression.ts';
import type { Command } from './playbook.ts';

/** A text with its places filled in; `open` holds the names whose value is unknown, which stand in the text as `‹name›`. */
export interface Filled {
  readonly text: string;
  readonly open: readonly string[];
}

/** Bytes; the step's own words come on top. */
const longestCommand = 64 * 1024;

const place = /\{\{\s*([^{}]*?)\s*\}\}/g;
const path = /^[A-Za-z_]\w*(?:\.[A-Za-z_][\w-]*)*$/;

/** Names of the places of a template, as written: `alert.labels.host`. */
export function placesIn(template: string): readonly string[] {
  return [...template.matchAll(place)].map(([, name = '']) => name);
}

/** Whether what stands between the braces is a name with points, which is all that a place may hold. */
export function isPlace(name: string): boolean {
  return path.test(name);
}

/**
 * Plain substitution.
 * @throws Error naming the place when it is no name, has no value, or its value is no single word, number or truth.
 */
export function fill(template: string, scope: Scope): Filled {
  return fillWith(template, scope, (value) => value);
}

/**
 * A command line with every value quoted as one shell word; of a list of words each is one word, quoted where it needs it. What
 * `variableOf` knows is a secret stands there as a variable of the shell, whose value comes another way.
 * @throws Error also when a secret would be a word of a list, which everybody on the host can read.
 */
export function fillCommand(command: Command, scope: Scope, variableOf: (value: string) => string | null = () => null): Filled {
  if (typeof command === 'string') {
    const inside = quotedPlace(command);
    if (inside !== null) throw new Error(`{{ ${inside} }} stands ${placeWords}; let it be a word of its own: it brings its quotes`);
    return short(
      fillWith(command, scope, (text, after) => {
        const variable = variableOf(text);
        // `2>file` would be another file of the shell.
        const quoted = /^\d+$/.test(text) && /^[<>]/.test(after) ? `'${text}'` : shq(text);
        return variable === null ? quoted : `"$${variable}"`;
      }),
    );
  }
  const words = command.map((word) =>
    fillWith(word, scope, (text) => {
      if (variableOf(text) !== null)
        throw new Error(`${word} would hold a secret in a list of words: write one line, printf %s ${word} | …`);
      return text;
    }),
  );
  return short({ text: words.map(({ text }) => shq(text)).join(' '), open: words.flatMap(({ open }) => open) });
}

/** Signs of a name or address with its port; in an address anything else would lead elsewhere. */
const hostSigns = /^[\w.:[\]-]+$/;

/**
 * An address of the web. A place before its path may hold a host or a port and nothing that would lead to another host; no value may hold
 * blanks or control signs.
 * @throws Error naming the place
 */
export function fillUrl(template: string, scope: Scope): Filled {
  return fillWith(template, scope, (value, _after, before) => {
    const host = /^\w+:\/\/[^/?#]*$/.test(before.replace(place, 'x'));
    if (/[\s\p{Cc}\p{Cf}]/u.test(value) || (host && !hostSigns.test(value)))
      throw new Error(`${JSON.stringify(value.slice(0, 60))} cannot stand in ${template}`);
    return value;
  });
}

/** A name for the Host header. @throws Error for anything else */
export function fillHostHeader(template: string, scope: Scope): Filled {
  const filled = fill(template, scope);
  if (filled.open.length === 0 && !hostSigns.test(filled.text))
    throw new Error(`${JSON.stringify(filled.text.slice(0, 60))} is no name of a host`);
  return filled;
}

/** @throws Error for a line that no system would take as one argument (Linux: 128 KiB), before anything is sent. */
function short(filled: Filled): Filled {
  const { length } = Buffer.from(filled.text);
  if (length > longestCommand) throw new Error(`the command would have ${length} bytes; a host takes at most ${longestCommand}`);
  return filled;
}

/** As `fill`, of a text that is only shown: a place whose value is not known stays as the file has it. */
export function shownText(template: string, scope: Scope): string {
  return shownWith(template, scope, (value) => value);
}

/** As `fillCommand`, of a command that is only shown. */
export function shownCommandLine(command: Command, scope: Scope): string {
  if (typeof command === 'string') return shownWith(command, scope, shq);
  return command
    .map((word) => {
      const text = shownText(word, scope);
      return placesIn(text).length > 0 ? text : shq(text);
    })
    .join(' ');
}

function shownWith(template: string, scope: Scope, quote: (text: string) => string): string {
  return template.replace(place, (whole, name: string) => {
    try {
      const value = valueOf(name, scope);
      return value === unknown ? whole : quote(wordOf(value, name));
    } catch {
      return whole;
    }
  });
}

function fillWith(template: string, scope: Scope, quote: (text: string, after: string, before: string) => string): Filled {
  const open: string[] = [];
  const text = template.replace(place, (whole: string, name: string, at: number) => {
    const value = valueOf(name, scope);
    if (value !== unknown) return quote(wordOf(value, name), template.slice(at + whole.length), template.slice(0, at));
    open.push(name);
    return `‹${name}›`;
  });
  return { text, open };
}

function valueOf(name: string, scope: Scope): unknown {
  if (!isPlace(name)) throw new Error(`{{ ${name} }} is not a name`);
  let here: unknown = scope;
  for (const step of name.split('.')) {
    if (here === unknown) return unknown;
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, step)) throw new Error(`{{ ${name} }} has no value here`);
    here = Reflect.get(here, step);
  }
  return here;
}

function wordOf(value: unknown, name: string): string {
  const known = plain(value);
  if (typeof known === 'string') return known;
  if (typeof known === 'number' || typeof known === 'boolean') return String(known);
  if (Array.isArray(known) && known.every((each) => typeof each === 'string')) return known.join(' ');
  throw new Error(`{{ ${name} }} is no single word here`);
}
