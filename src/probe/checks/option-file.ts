import { Secret } from '../../fleet/secret.ts';

/** What the `[client]` groups of a MySQL option file say; `null`: nothing. */
export interface ClientOptions {
  readonly user: string | null;
  readonly password: Secret | null;
  readonly host: string | null;
  readonly port: number | null;
  readonly socket: string | null;
}

/** Groups that MySQL's and MariaDB's own clients read. */
const groups: readonly string[] = ['client', 'client-server', 'client-mariadb'];
const escapes: Readonly<Record<string, string>> = { b: '\b', t: '\t', n: '\n', r: '\r', '\\': '\\', s: ' ' };

/**
 * Reads a text as MySQL reads `~/.my.cnf`: the last of equal options wins, `-` and `_` are one, `#` begins a comment outside quotes.
 * Files that it includes are not followed. @see MySQL reference manual, "Using Option Files"
 */
export function parseOptionFile(text: string): ClientOptions {
  const given = new Map<string, string>();
  let wanted = false;
  for (const line of text.split(/\r?\n/)) {
    const [, group] = /^\s*\[\s*([^\]]+?)\s*\]/.exec(line) ?? [];
    if (group !== undefined) wanted = groups.includes(group.toLowerCase());
    const [, name, value] = /^\s*([A-Za-z][\w-]*)\s*=\s*(.*)$/.exec(line) ?? [];
    if (wanted && name !== undefined && value !== undefined) given.set(name.replaceAll('_', '-'), valueOf(value.trim()));
  }
  const textOf = (name: string): string | null => given.get(name) || null;
  const password = textOf('password');
  const port = Number(textOf('port') ?? Number.NaN);
  return {
    user: textOf('user'),
    password: password === null ? null : new Secret(password),
    host: textOf('host'),
    port: Number.isInteger(port) && port > 0 && port <= 65_535 ? port : null,
    socket: textOf('socket'),
  };
}

function valueOf(written: string): string {
  const quote = written[0];
  const end = quote === "'" || quote === '"' ? written.indexOf(quote, 1) : -1;
  const bare = end > 0 ? written.slice(1, end) : (written.split('#')[0] ?? '').trim();
  return bare.replace(/\\(.)/g, (whole, letter: string) => escapes[letter] ?? whole);
}
