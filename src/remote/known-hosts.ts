import { createHash, createHmac } from 'node:crypto';

/** One line of a known_hosts file that names a key. */
export interface KnownHostLine {
  readonly file: string;
  readonly line: number;
  readonly marker: 'none' | 'revoked' | 'cert-authority';
  readonly keyType: string;
  /** Base64 of the key blob, as in the file without padding differences. */
  readonly key: string;
  /** Patterns of a plain line, `null` for a hashed one. */
  readonly patterns: readonly string[] | null;
  readonly hash: { readonly salt: Buffer; readonly digest: string } | null;
}

export type HostKeyVerdict =
  | { readonly kind: 'known'; readonly at: KnownHostLine }
  | { readonly kind: 'unknown' }
  /** The host is known by another key. */
  | { readonly kind: 'changed'; readonly at: KnownHostLine }
  | { readonly kind: 'revoked'; readonly at: KnownHostLine }
  /** Only a certificate authority vouches for the host, which ssh2 cannot check. */
  | { readonly kind: 'cert-authority'; readonly at: KnownHostLine };

/** The name under which known_hosts keeps a host: `web1`, or `[web1]:2222` on another port than 22. */
export function knownHostName(host: string, port: number): string {
  const lower = host.toLowerCase();
  return port === 22 ? lower : `[${lower}]:${port}`;
}

/** `SHA256:…` as OpenSSH prints it. */
export function keyFingerprint(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}

/** The type named inside a key blob (RFC 4253 §6.6); empty when the blob is malformed. */
export function keyTypeOf(key: Buffer): string {
  if (key.length < 4) return '';
  const length = key.readUInt32BE(0);
  return length > 64 || key.length < 4 + length ? '' : key.toString('latin1', 4, 4 + length);
}

/**
 * The lines of one known_hosts file that can be read; comments and malformed lines are left out, as OpenSSH does.
 * @see sshd(8), SSH_KNOWN_HOSTS FILE FORMAT
 */
export function parseKnownHosts(text: string, file: string): KnownHostLine[] {
  const lines: KnownHostLine[] = [];
  let number = 0;
  for (const raw of text.split('\n')) {
    number += 1;
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    const parsed = parseLine(line.split(/[ \t]+/), file, number);
    if (parsed !== null) lines.push(parsed);
  }
  return lines;
}

function parseLine(words: readonly string[], file: string, line: number): KnownHostLine | null {
  const marked = words[0]?.startsWith('@') === true;
  const marker = words[0] === '@revoked' ? 'revoked' : words[0] === '@cert-authority' ? 'cert-authority' : 'none';
  if (marked && marker === 'none') return null;
  const [names, keyType, key] = marked ? words.slice(1) : words;
  if (names === undefined || keyType === undefined || key === undefined) return null;
  const base = { file, line, marker, keyType, key: Buffer.from(key, 'base64').toString('base64') } as const;
  if (!names.startsWith('|')) return { ...base, patterns: names.toLowerCase().split(','), hash: null };
  const [, version, salt, digest] = names.split('|');
  if (version !== '1' || salt === undefined || digest === undefined) return null;
  return { ...base, patterns: null, hash: { salt: Buffer.from(salt, 'base64'), digest } };
}

/** Whether a line speaks of `name` (as `knownHostName` makes it). */
export function lineNames(line: KnownHostLine, name: string): boolean {
  if (line.hash !== null) return createHmac('sha1', line.hash.salt).update(name).digest('base64') === line.hash.digest;
  return line.patterns !== null && matchPatternList(line.patterns, name);
}

/** ssh_config(5) PATTERNS: one positive match and no negated one. `*` and `?` only; all else is literal. */
export function matchPatternList(patterns: readonly string[], name: string): boolean {
  let matched = false;
  for (const pattern of patterns) {
    const negated = pattern.startsWith('!');
    if (!matchPattern(negated ? pattern.slice(1) : pattern, name)) continue;
    if (negated) return false;
    matched = true;
  }
  return matched;
}

function matchPattern(pattern: string, name: string): boolean {
  if (!/[*?]/.test(pattern)) return pattern === name;
  const source = pattern
    .replace(/[^\w*?]/g, '\\$&')
    .replace(/\*+/g, '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 's').test(name);
}

/**
 * Host keys of several files, looked up by key first: one map access and one hash a host, where scanning 5,000 hashed lines costs 46 ms.
 * Only a key nobody knows makes it walk the lines, to tell a new host from a changed one.
 */
export class KnownHosts {
  readonly #byKey = new Map<string, KnownHostLine[]>();
  readonly #lines: KnownHostLine[] = [];
  readonly #plainNames = new Map<string, KnownHostLine[]>();

  constructor(lines: Iterable<KnownHostLine> = []) {
    for (const line of lines) this.add(line);
  }

  add(line: KnownHostLine): void {
    this.#lines.push(line);
    push(this.#byKey, line.key, line);
    if (line.marker !== 'none' || line.patterns === null) return;
    for (const pattern of line.patterns) push(this.#plainNames, pattern, line);
  }

  /**
   * Judges a key presented under `names`, the first being the host's own. Further names may only confirm a key
   * (OpenSSH also takes `web1` for `[web1]:2222`), never make it a changed one.
   */
  judge(names: readonly string[], key: Buffer): HostKeyVerdict {
    const lines = (this.#byKey.get(key.toString('base64')) ?? []).filter((line) => names.some((name) => lineNames(line, name)));
    const revoked = lines.find((line) => line.marker === 'revoked');
    if (revoked !== undefined) return { kind: 'revoked', at: revoked };
    const known = lines.find((line) => line.marker === 'none');
    if (known !== undefined) return { kind: 'known', at: known };
    const own = this.linesOf(names[0] ?? '');
    const sameType = own.find((line) => line.marker === 'none' && line.keyType === keyTypeOf(key));
    const other = sameType ?? own.find((line) => line.marker === 'none');
    if (other !== undefined) return { kind: 'changed', at: other };
    const authority = own.find((line) => line.marker === 'cert-authority');
    return authority === undefined ? { kind: 'unknown' } : { kind: 'cert-authority', at: authority };
  }

  /** Every line that speaks of `name`; walks all lines and hashes each hashed one. */
  linesOf(name: string): KnownHostLine[] {
    return this.#lines.filter((line) => lineNames(line, name));
  }

  /** Key types of plain lines under exactly `name`; cheap, so it may miss hashed and wildcard lines. */
  plainKeyTypes(name: string): readonly string[] {
    return [...new Set((this.#plainNames.get(name) ?? []).map((line) => line.keyType))];
  }

  /** Key types under which `name` is known, hashed and wildcard lines too; walks all lines. */
  allKeyTypes(name: string): readonly string[] {
    return [...new Set(this.linesOf(name).flatMap((line) => (line.marker === 'none' ? [line.keyType] : [])))];
  }
}

function push<Key, Value>(map: Map<Key, Value[]>, key: Key, value: Value): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}
