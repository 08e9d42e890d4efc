import type { KnownServer } from './match-servers.ts';

/** One server of a backend as HAProxy's own socket tells it. */
export interface HaproxyServer extends KnownServer {
  /** `UP`, `UP 1/2`, `DOWN`, `NOLB`, `DRAIN`, `MAINT`, `no check`, … */
  readonly status: string;
  /** `L7OK`, `L4CON`, …; empty without checks. */
  readonly check: string;
  /** Sessions under way and waiting in the server's own queue. */
  readonly connections: number | null;
  /** Sessions sent to it since HAProxy began to count; health checks are none of them. */
  readonly sessions: number | null;
  /** As set by a person, whatever slowstart makes of it. */
  readonly weight: number | null;
  /** Bits of srv_admin_state; `null` when the table did not list it. */
  readonly admin: number | null;
}

/** Where a reload finds the servers' states again: nowhere, in a file, or as far as could be read nobody knows. */
export type StateFile = { readonly kind: 'none' } | { readonly kind: 'file'; readonly path: string; readonly of: 'all' | 'backend' } | null;

export type HaproxyAnswer =
  | { readonly ok: true; readonly servers: readonly HaproxyServer[]; readonly stateFile: StateFile }
  | { readonly ok: false; readonly why: string };

/** Reads what the script of `haproxy-script.ts` printed. Columns are found by their names: their order has changed before. */
export function parseHaproxy(stdout: string, backend: string): HaproxyAnswer {
  const parts = new Map<string, string[]>();
  for (const part of stdout.split(/^#quarterdeck (?=[a-z-]+$)/m).slice(1)) {
    const end = part.indexOf('\n');
    const name = end < 0 ? part : part.slice(0, end);
    parts.set(name, [...(parts.get(name) ?? []), end < 0 ? '' : part.slice(end + 1)]);
  }
  if (!parts.has('end')) return { ok: false, why: 'the answer of HAProxy has no end' };
  const stat = parts.get('stat')?.join('\n') ?? '';
  const rows = csvRows(stat.replace(/^# /, ''));
  const header = rows[0] ?? [];
  if (!header.includes('svname') || !header.includes('status')) {
    const said = stat.trim().split('\n')[0] ?? '';
    return { ok: false, why: /no such proxy/i.test(said) ? `HAProxy has no backend ${backend}` : `HAProxy said ${said || 'nothing'}` };
  }
  const column = (row: readonly string[], name: string): string => row[header.indexOf(name)] ?? '';
  const states = serverStates(parts.get('servers')?.join('\n') ?? '');
  const servers = rows
    .slice(1)
    .filter((row) => column(row, 'pxname') === backend && !['BACKEND', 'FRONTEND', ''].includes(column(row, 'svname')))
    .map((row): HaproxyServer => {
      const name = column(row, 'svname');
      const state = states.get(name);
      const current = whole(column(row, 'scur'));
      return {
        name,
        status: column(row, 'status'),
        // An asterisk says that another check is under way; what follows is the last result.
        check: column(row, 'check_status').replace(/^\* */, ''),
        connections: current === null ? null : current + (whole(column(row, 'qcur')) ?? 0),
        sessions: whole(column(row, 'stot')),
        weight: state?.weight ?? whole(column(row, 'uweight')) ?? whole(column(row, 'weight')),
        admin: state?.admin ?? null,
        addresses: [column(row, 'addr'), state?.address ?? '', state?.fqdn ?? ''].filter((text) => text !== '' && text !== '-'),
      };
    });
  const hidden = parts.has('config-hidden') || !parts.has('config');
  return { ok: true, servers, stateFile: hidden ? null : stateFileOf((parts.get('config') ?? []).join('\n'), backend) };
}

function serverStates(
  text: string,
): ReadonlyMap<string, { readonly admin: number | null; readonly weight: number | null; readonly address: string; readonly fqdn: string }> {
  const lines = text.split('\n');
  const header =
    lines
      .find((line) => line.startsWith('# '))
      ?.slice(2)
      .split(' ') ?? [];
  const at = (fields: readonly string[], name: string): string => fields[header.indexOf(name)] ?? '';
  return new Map(
    lines
      .filter((line) => /^\d+ /.test(line))
      .map((line) => line.split(' '))
      .map((fields) => [
        at(fields, 'srv_name'),
        {
          admin: whole(at(fields, 'srv_admin_state')),
          weight: whole(at(fields, 'srv_uweight')),
          address: at(fields, 'srv_addr'),
          fqdn: at(fields, 'srv_fqdn'),
        },
      ]),
  );
}

/** @see HAProxy configuration manual: load-server-state-from-file, server-state-file, server-state-base, server-state-file-name */
function stateFileOf(config: string, backend: string): StateFile {
  let section = '';
  let own = false;
  let found = false;
  let usual = 'none';
  let mode: string | null = null;
  let localName = backend;
  let base: string | null = null;
  let file: string | null = null;
  let effective: string | null = null;
  for (const line of config.split('\n')) {
    const [word = '', first = ''] = line
      .trim()
      .split(/\s+/)
      .map((text) => text.replace(/^"(.*)"$/, '$1'));
    if (/^(global|defaults|backend|listen|frontend)$/.test(word)) {
      section = word;
      own = (word === 'backend' || word === 'listen') && first === backend;
      if (word === 'defaults') usual = 'none';
      if (own) {
        found = true;
        effective = usual;
      }
    } else if (word === 'server-state-base') base = first;
    else if (word === 'server-state-file') file = first;
    else if (word === 'load-server-state-from-file' && section === 'defaults') usual = first;
    else if (word === 'load-server-state-from-file' && own) mode = first;
    else if (word === 'server-state-file-name' && own) localName = first === '' || first === 'use-backend-name' ? backend : first;
  }
  if (!found) return null;
  const chosen = mode ?? effective ?? 'none';
  if (chosen !== 'global' && chosen !== 'local') return { kind: 'none' };
  const name = chosen === 'global' ? file : localName;
  if (name === null) return { kind: 'none' };
  const path = name.startsWith('/') ? name : base === null ? null : `${base.replace(/\/$/, '')}/${name}`;
  if (path === null || !path.startsWith('/')) return null;
  return { kind: 'file', path, of: chosen === 'global' ? 'all' : 'backend' };
}

/** Rows of HAProxy's CSV: fields with commas, quotes or newlines stand in quotes, and quotes are doubled. */
function csvRows(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  const field = /(?:"((?:[^"]|"")*)"|([^",\n]*))(,|\n|$)/gy;
  while (field.lastIndex < text.length) {
    const match = field.exec(text);
    if (match === null) break;
    row.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '');
    if (match[3] === ',') continue;
    if (row.some((each) => each !== '')) rows.push(row);
    row = [];
  }
  return rows;
}

function whole(text: string): number | null {
  return /^\d{1,12}$/.test(text) ? Number(text) : null;
}
