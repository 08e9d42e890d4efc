import { globSync, readFileSync } from 'node:fs';
import { homedir, userInfo } from 'node:os';
import { isAbsolute, join } from 'node:path';
import SSHConfig, { type Directive, type Line } from 'ssh-config';
import { matchPatternList } from './known-hosts.ts';
import { expandHome } from './path-tokens.ts';
import { ReachError } from './reach-error.ts';
import { sanitizeLine } from './sanitize.ts';

/** What ssh_config says of one host; tokens (`%h`) not yet expanded. Absent keywords are `null` or empty. */
export interface HostOptions {
  readonly hostName: string | null;
  readonly port: number | null;
  readonly user: string | null;
  readonly identityFiles: readonly string[];
  /** A socket path, `none`, `SSH_AUTH_SOCK` or `$NAME`. */
  readonly identityAgent: string | null;
  readonly identitiesOnly: boolean;
  readonly proxyJump: string | null;
  readonly proxyCommand: string | null;
  readonly hostKeyAlias: string | null;
  readonly userKnownHostsFiles: readonly string[];
}

export const noHostOptions: HostOptions = {
  hostName: null,
  port: null,
  user: null,
  identityFiles: [],
  identityAgent: null,
  identitiesOnly: false,
  proxyJump: null,
  proxyCommand: null,
  hostKeyAlias: null,
  userKnownHostsFiles: [],
};

/** Either the answer, or the criterion that only OpenSSH itself can judge (`exec`, `canonical`, `tagged`, …). */
export type ConfigAnswer =
  | { readonly kind: 'options'; readonly options: HostOptions }
  | { readonly kind: 'ask-openssh'; readonly criterion: string };

/** More than OpenSSH's own limit of 16 would be a cycle. */
const maxIncludeDepth = 16;

interface Asked {
  /** Names that `Host` lines are matched against: the host's name and the address it is dialled by. */
  readonly names: readonly string[];
  readonly user: string | null;
}

/** A user's ssh_config, parsed once; evaluated per host. The first value of a keyword wins, as in ssh_config(5). */
export class SshConfigFile {
  readonly #file: string;
  readonly #parsed = new Map<string, readonly Line[]>();

  constructor(file: string) {
    this.#file = file;
  }

  /**
   * What the file says of a host. A missing file says nothing.
   * @throws ReachError when a file cannot be read or parsed.
   */
  answer(asked: Asked): ConfigAnswer {
    const walk = new Walk(asked, (pattern) => this.#included(pattern));
    const criterion = walk.lines(this.#lines(this.#file, true), true, 0);
    return criterion === null ? { kind: 'options', options: hostOptions(walk.values) } : { kind: 'ask-openssh', criterion };
  }

  #included(pattern: string): readonly (readonly Line[])[] {
    const expanded = expandHome(pattern);
    // ssh_config(5): relative names are taken from ~/.ssh in a user's file.
    const path = isAbsolute(expanded) ? expanded : join(homedir(), '.ssh', expanded);
    return globSync(path)
      .sort()
      .map((file) => this.#lines(file, false));
  }

  #lines(file: string, mayMiss: boolean): readonly Line[] {
    const known = this.#parsed.get(file);
    if (known !== undefined) return known;
    const lines = parseFile(file, mayMiss);
    this.#parsed.set(file, lines);
    return lines;
  }
}

function parseFile(file: string, mayMiss: boolean): readonly Line[] {
  try {
    return SSHConfig.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : null;
    if (code === 'ENOENT' && mayMiss) return [];
    const why = error instanceof Error ? error.message : String(error);
    throw new ReachError(
      'unreachable',
      `The SSH configuration ${sanitizeLine(file)} cannot be read: ${sanitizeLine(why)}.`,
      `Mend ${sanitizeLine(file)}, or name another under ssh.config in the fleet file.`,
    );
  }
}

/** One evaluation: collects values while it walks sections whose conditions hold. */
class Walk {
  readonly values = new Map<string, string[]>();
  readonly #asked: Asked;
  readonly #include: (pattern: string) => readonly (readonly Line[])[];

  constructor(asked: Asked, include: (pattern: string) => readonly (readonly Line[])[]) {
    this.#asked = asked;
    this.#include = include;
    if (asked.user !== null) this.values.set('user', [asked.user]);
  }

  /** Returns the criterion that stopped it, `null` when it reached the end. */
  lines(lines: readonly Line[], active: boolean, depth: number): string | null {
    for (const line of lines) {
      if (!('param' in line)) continue;
      const keyword = line.param.toLowerCase();
      if (keyword === 'host' || keyword === 'match') {
        const held = keyword === 'host' ? this.#hostHolds(wordsOf(line)) : this.#matchHolds(wordsOf(line));
        if (typeof held === 'string' && active) return held;
        const stopped = 'config' in line ? this.lines(line.config, active && held === true, depth) : null;
        if (stopped !== null) return stopped;
      } else if (keyword === 'include') {
        if (!active || depth >= maxIncludeDepth) continue;
        for (const file of wordsOf(line).flatMap((pattern) => this.#include(pattern))) {
          const stopped = this.lines(file, active, depth + 1);
          if (stopped !== null) return stopped;
        }
      } else if (active) {
        this.#take(keyword, line);
      }
    }
    return null;
  }

  #take(keyword: string, line: Directive): void {
    const words = keyword === 'proxycommand' ? [commandOf(line)] : wordsOf(line);
    const before = this.values.get(keyword);
    if (keyword === 'identityfile') this.values.set(keyword, [...(before ?? []), ...words]);
    else if (before === undefined && words.length > 0) this.values.set(keyword, words);
  }

  #hostHolds(patterns: readonly string[]): boolean {
    const matched = this.#asked.names.filter((name) => matchPatternList(patterns.map(lower), name.toLowerCase()));
    const excluded = patterns.some(
      (pattern) =>
        pattern.startsWith('!') && this.#asked.names.some((name) => matchPatternList([lower(pattern.slice(1))], name.toLowerCase())),
    );
    return matched.length > 0 && !excluded;
  }

  /** Whether all criteria hold; the name of the first that we cannot judge once those before it hold. */
  #matchHolds(words: readonly string[]): boolean | string {
    for (let at = 0; at < words.length; at += 1) {
      const word = (words[at] ?? '').toLowerCase();
      if (word === 'all') continue;
      const negated = word.startsWith('!');
      const held = this.#criterionHolds(negated ? word.slice(1) : word, words[at + 1] ?? '');
      if (held === null) return word;
      if (held === negated) return false;
      at += 1;
    }
    return true;
  }

  #criterionHolds(criterion: string, value: string): boolean | null {
    const patterns = value.split(',').map(lower);
    const among = (names: readonly string[]): boolean => names.some((name) => matchPatternList(patterns, name.toLowerCase()));
    switch (criterion) {
      case 'host':
        return among(this.values.get('hostname') ?? this.#asked.names);
      case 'originalhost':
        return among(this.#asked.names);
      case 'user':
        return among(this.values.get('user') ?? [userInfo().username]);
      case 'localuser':
        return among([userInfo().username]);
      default:
        return null;
    }
  }
}

function lower(text: string): string {
  return text.toLowerCase();
}

function wordsOf(line: Directive): string[] {
  if (typeof line.value !== 'string') return line.value.map((word) => word.val);
  return line.value === '' ? [] : [line.value];
}

function commandOf(line: Directive): string {
  if (typeof line.value === 'string') return line.value;
  const words = line.value.map(({ val, separator, quoted }) => `${separator}${quoted === true ? `"${val.replaceAll('"', '\\"')}"` : val}`);
  return words.join('').trim();
}

/** The keywords we know out of all values, whether from the file or from `ssh -G` (whose keywords are lower-case too). */
export function hostOptions(values: ReadonlyMap<string, readonly string[]>): HostOptions {
  const one = (keyword: string): string | null => values.get(keyword)?.[0] ?? null;
  const port = Number(one('port') ?? Number.NaN);
  const command = values.get('proxycommand')?.join(' ') ?? null;
  return {
    hostName: one('hostname'),
    port: Number.isInteger(port) && port > 0 && port < 65_536 ? port : null,
    user: one('user'),
    identityFiles: (values.get('identityfile') ?? []).filter((file) => file !== 'none'),
    identityAgent: one('identityagent'),
    identitiesOnly: one('identitiesonly')?.toLowerCase() === 'yes',
    proxyJump: none(one('proxyjump')),
    proxyCommand: none(command),
    hostKeyAlias: one('hostkeyalias'),
    userKnownHostsFiles: (values.get('userknownhostsfile') ?? []).filter((file) => file !== 'none'),
  };
}

function none(value: string | null): string | null {
  return value === null || value.toLowerCase() === 'none' || value === '' ? null : value;
}
