import { isIPv6 } from 'node:net';

/** All that must not leave the house. */
export interface Inside {
  readonly hosts: readonly string[];
  readonly services: readonly string[];
  /** Zones, addresses of mail, fleet names; roles, checks, pools and the like whose names are no ordinary words. */
  readonly other: readonly string[];
  /** Those whose names may be ordinary words (`load`, `web`): struck out where they are named as what they are, else `failed to load` could not be said. */
  readonly ordinary: readonly string[];
  /** `user@machine`, or a name that a role was given to. */
  readonly people: readonly string[];
  readonly commands: readonly string[];
}

/** Accounts that are nobody's name and words of their own: `root cause`. */
const sharedAccounts = new Set(['root', 'admin', 'ops', 'system', 'deploy', 'ubuntu', 'debian', 'user', 'quarterdeck']);

export const leftOut = '[left out]';

/** Replaces every inside name, wherever it stands as a word, and everything that looks like an address, a path, an account or a command. */
export function cleaner(inside: Inside): (text: string) => string {
  const commands = longestFirst(inside.commands);
  const whole = inside.people.flatMap((name) => [name, ...name.split('@').filter((part) => part.length > 2)]);
  const people = longestFirst(whole.filter((name) => !sharedAccounts.has(name.toLowerCase())));
  // The longest first of all: a name may hold another of another kind.
  const names = [
    ...hostWords(longestFirst(inside.hosts)),
    ...wordsOf(longestFirst(inside.services), 'a service'),
    ...wordsOf(people, 'a person'),
    ...wordsOf(longestFirst(inside.other), leftOut),
    ...longestFirst(inside.ordinary).map((name) => [asWhatItIs(name), leftOut] as const),
  ].toSorted(([a], [b]) => b.source.length - a.source.length);
  return (text) => {
    let clean = text;
    for (const command of commands) clean = clean.replaceAll(command, leftOut);
    clean = clean
      .replace(/`[^`]*`/g, leftOut)
      .replace(/\b[a-z][a-z0-9+.-]*:\/\/\S+/gi, leftOut)
      .replace(/[\w.+-]+@[\w.-]+/g, 'a person')
      .replace(/\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b/g, 'a server')
      .replace(/[0-9a-f]*:[0-9a-f:]*[0-9a-f:](?:\.\d+)*(?:%[\w-]+)?/gi, (found) => (isIPv6(found) ? 'a server' : found))
      .replace(/\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/gi, leftOut)
      .replace(/(?<![\w.])(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.){2,}[a-z]{2,}\b/gi, 'a server')
      .replace(/(?<![\w/~])~?\/(?:[\w.-]+\/)*[\w.-]*[\w/-]/g, leftOut)
      .replace(/\b(?:(the|an?)\s+)?ports?\s+\d+\b/gi, (_, article: string | undefined) => `${article ?? 'a'} port`);
    for (const [pattern, word] of names)
      clean = clean.replace(pattern, (_, article: string | undefined) =>
        article === undefined || word === leftOut ? word : word.replace(/^a /, `${article} `),
      );
    return tidied(clean);
  };
}

function longestFirst(texts: readonly string[]): readonly string[] {
  return [...new Set(texts.map((text) => text.trim()))].filter((text) => text.length > 1).toSorted((a, b) => b.length - a.length);
}

/** Not `\b`: names may begin and end with other signs than letters. An article before a name goes with it. */
function wordsOf(texts: readonly string[], word: string): (readonly [RegExp, string])[] {
  return texts.map((text) => [new RegExp(`(?<![\\p{L}\\p{N}_])(?:(the|an?)\\s+)?${escaped(text)}(?![\\p{L}\\p{N}_])`, 'giu'), word]);
}

/**
 * Hosts with what may stand behind their names, a domain and a port; and those that are numbered as they are: who knows `web1` and `web2`
 * knows what `web-3` is.
 */
function hostWords(hosts: readonly string[]): (readonly [RegExp, string])[] {
  const more = '(?:\\.[\\p{L}\\p{N}-]+)*(?::\\d+)?';
  const stems = hosts.flatMap((host) => /^([\p{L}][\p{L}\p{N}_-]*?\p{L})[-_.]?\d+$/u.exec(host)?.[1] ?? []);
  const patterns = [...hosts.map(escaped), ...longestFirst(stems).map((stem) => `${escaped(stem)}[-_.]?\\d+`)];
  return patterns.map((text) => [new RegExp(`(?<![\\p{L}\\p{N}_])(?:(the|an?)\\s+)?${text}${more}(?![\\p{L}\\p{N}_])`, 'giu'), 'a server']);
}

/** An ordinary word where it is named for what it is: `role web`, `the load check`. */
function asWhatItIs(name: string): RegExp {
  const kinds = '(?:role|check|pool|environment|env|source|backup|release|drain|action)s?';
  const word = escaped(name);
  return new RegExp(`(?<![\\p{L}\\p{N}_])(?:()${kinds}\\s+["“]?${word}["”]?|${word}\\s+${kinds})(?![\\p{L}\\p{N}_])`, 'giu');
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}

/** Words put in for names begin a sentence with a capital, and say a thing twice only once. */
function tidied(text: string): string {
  return text
    .replace(/\ba (server|service|person)(?:(?:, | and | )a \1)+\b/gi, (_, what: string) =>
      what === 'person' ? 'several people' : `several ${what}s`,
    )
    .replace(
      /(^|[.!?]\s+|\n)(a|several) (server|service|person|people)/g,
      (_, before: string, word: string, what: string) => `${before}${word === 'a' ? 'A' : 'Several'} ${what}`,
    );
}
