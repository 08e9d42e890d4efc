import { words } from './numbers.ts';

/** What listens on the host, of what was asked for: port or path → inodes of the listening sockets. */
export interface Listening {
  readonly ports: ReadonlyMap<number, readonly string[]>;
  readonly sockets: ReadonlyMap<string, readonly string[]>;
}

const tcpListen = '0A';
/** __SO_ACCEPTCON: the unix socket listens. */
const acceptsConnections = 0x10000;

function add<Key>(map: Map<Key, string[]>, key: Key, inode: string): void {
  const known = map.get(key);
  if (known === undefined) map.set(key, [inode]);
  else known.push(inode);
}

/** `/var/run` is a link to `/run` on most hosts. */
export function plainSocketPath(path: string): string {
  return path.replace(/^\/var\/run\//, '/run/');
}

/** Lines of /proc/net/tcp, tcp6 and unix, told apart by their shape. @see Documentation/networking/proc_net_tcp.rst, unix(7) */
export function parseListen(text: string): Listening {
  const ports = new Map<number, string[]>();
  const sockets = new Map<string, string[]>();
  for (const line of text.split('\n')) {
    const unix = /^[0-9a-f]+: [0-9A-F]{8} [0-9A-F]{8} ([0-9A-F]{8}) [0-9A-F]{4} [0-9A-F]{2} +(\d{1,20}) (\/.*)$/i.exec(line);
    if (unix !== null) {
      const [, flags = '0', inode = '', path = ''] = unix;
      if ((Number.parseInt(flags, 16) & acceptsConnections) !== 0) add(sockets, plainSocketPath(path.replace(/\.\d+\.tmp$/, '')), inode);
      continue;
    }
    const fields = words(line);
    const local = /^[0-9A-F]{8,32}:([0-9A-F]{4})$/.exec(fields[1] ?? '');
    const inode = fields[9] ?? '';
    if (local !== null && fields[3] === tcpListen && /^\d{1,20}$/.test(inode)) add(ports, Number.parseInt(local[1] ?? '0', 16), inode);
  }
  return { ports, sockets };
}
