import { homedir } from 'node:os';
import { join } from 'node:path';

/** `~` and `~/…` as the user's own home directory. */
export function expandHome(path: string): string {
  if (path === '~') return homedir();
  return path.startsWith('~/') ? join(homedir(), path.slice(2)) : path;
}

/** Replaces ssh_config(5) TOKENS of which the values are given; `%%` is a per cent sign, an unknown token stays as written. */
export function expandTokens(text: string, tokens: Readonly<Record<string, string>>): string {
  return text.replace(/%(.)/g, (written, letter: string) => (letter === '%' ? '%' : (tokens[letter] ?? written)));
}

/** A path of ssh_config: home directory, `${NAME}` and tokens expanded. */
export function expandPath(path: string, tokens: Readonly<Record<string, string>>): string {
  const named = path.replace(/\$\{(\w+)\}/g, (written, name: string) => process.env[name] ?? written);
  return expandHome(expandTokens(named, tokens));
}
