import type { KnownServer } from './match-servers.ts';

/** One `server ADDR …;` line of an upstream. */
export interface UpstreamServer extends KnownServer {
  /** From 1. */
  readonly line: number;
  readonly text: string;
  /** As it would be with `down` set the other way; `null` when that cannot be told. */
  readonly turned: string | null;
  readonly down: boolean;
  readonly weight: number | null;
  /** Whether the line is the file's last and has no newline at its end. */
  readonly openEnd: boolean;
}

export type UpstreamFile =
  | { readonly ok: true; readonly servers: readonly UpstreamServer[] }
  | { readonly ok: false; readonly why: string };

const serverLine = /^(\s*server\s+)("[^"\s;]+"|'[^'\s;]+'|[^\s;{}"'#]+)((?:\s+[^;{}#\s]+)*\s*)(;.*)$/;

/**
 * Server lines of a file that nginx includes, or of one upstream of it. Only a line that holds one whole `server` statement can be changed
 * without touching anything else.
 * @see ngx_http_upstream_module, directive server
 */
export function parseUpstream(text: string, upstream: string | null): UpstreamFile {
  const lines = text.split('\n');
  const openEnd = lines.at(-1) !== '';
  const servers: { readonly of: string | null; readonly server: UpstreamServer }[] = [];
  const names = new Set<string>();
  let block: { readonly name: string; readonly depth: number } | null = null;
  let depth = 0;
  for (const [index, line] of lines.entries()) {
    const code = line.replace(/^((?:[^#"']|"[^"]*"|'[^']*')*)#.*$/, '$1');
    const opened = /^\s*upstream\s+("[^"]+"|'[^']+'|[^\s{]+)/.exec(code)?.[1];
    if (opened !== undefined && block === null) {
      block = { name: unquoted(opened), depth };
      names.add(block.name);
    }
    const server = serverOf(line, index + 1, openEnd && index === lines.length - 1);
    // Without a block around them they stand in a file that is included inside of one.
    if (server !== null && depth === (block === null ? 0 : block.depth + 1)) servers.push({ of: block?.name ?? null, server });
    depth = Math.max(0, depth + (code.match(/\{/g) ?? []).length - (code.match(/\}/g) ?? []).length);
    if (block !== null && code.includes('}') && depth <= block.depth) block = null;
  }
  if (upstream !== null && !names.has(upstream)) return { ok: false, why: `the file has no upstream ${upstream}` };
  if (upstream === null && names.size > 1) {
    return { ok: false, why: `the file has several upstreams (${[...names].join(', ')}): name one with "upstream: …"` };
  }
  return { ok: true, servers: servers.filter(({ of }) => upstream === null || of === upstream).map(({ server }) => server) };
}

function serverOf(line: string, number: number, openEnd: boolean): UpstreamServer | null {
  const match = serverLine.exec(line);
  if (match === null) return null;
  const [, head = '', quoted = '', parameters = '', tail = ''] = match;
  const words = parameters.trim().split(/\s+/);
  const down = words.includes('down');
  const single = !/^;[^#]*\bserver\s/.test(tail);
  // What the host sanitizer made visible is not what the file holds, so the line could not be found again.
  const exact = /^[\t\x20-\x7e]*$/.test(line) && !/\\x[0-9a-f]{2}/.test(line);
  const turned = down ? parameters.replace(/\s+down(?=\s|$)/, '') : `${parameters.trimEnd()} down${/\s*$/.exec(parameters)?.[0] ?? ''}`;
  const address = unquoted(quoted);
  return {
    name: address.replace(/:\d+$/, ''),
    addresses: [address],
    line: number,
    text: line,
    turned: single && exact ? `${head}${quoted}${turned}${tail}` : null,
    down,
    weight: weightOf(words),
    openEnd,
  };
}

function weightOf(words: readonly string[]): number | null {
  const given = words.find((word) => /^weight=\d{1,9}$/.test(word));
  return given === undefined ? 1 : Number(given.slice('weight='.length));
}

function unquoted(text: string): string {
  return text.replace(/^(["'])(.*)\1$/, '$2');
}
