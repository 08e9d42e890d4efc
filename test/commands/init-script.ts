import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../sshd/sshd.ts';
import { inOwnMounts, ownLocks } from './own-mounts.ts';

/** What `restart` of the script does: its work, or one of the ways in which such scripts fail. */
export type RestartMode = 'works' | 'does not start' | 'does nothing' | 'ends with an error' | 'hangs';

/** A SysV service of one host: a real script in front of a real daemon that listens on a port. */
export interface InitService {
  readonly port: number;
  /** For sshd's `under`: this script alone in /etc/init.d, and no trace of systemd. */
  readonly under: readonly string[];
  set(mode: RestartMode): void;
  /** Restarts that were asked for so far. */
  asked(): number;
  /** Process id of the daemon, `null` when none is known. */
  pid(): number | null;
  stop(): void;
}

const listener = `
const { writeFileSync } = require('node:fs');
require('node:net').createServer().listen(Number(process.argv[2]), '127.0.0.1', () => writeFileSync(process.argv[3], ''));
`;

/** \`service\` runs scripts with an empty environment, so that every path is written in. */
function script(place: string, port: number): string {
  return `#!/bin/sh
cd ${place} || exit 4
alive() { [ -f pid ] && kill -0 "$(cat pid)" 2>/dev/null; }
start() {
  rm -f up
  ${process.execPath} listener.cjs ${port} ${place}/up </dev/null >/dev/null 2>&1 &
  echo $! >pid
  while [ ! -f up ]; do alive || return 1; sleep 0.05; done
}
stop() {
  alive || return 0
  kill "$(cat pid)"
  while alive; do sleep 0.05; done
}
case $1 in
start) start ;;
status) alive && exit 0; [ -f pid ] && exit 1; exit 3 ;;
restart)
  echo restart >>asked
  case $(cat mode) in
  works) echo 'Restarting app.'; stop; start ;;
  'does not start') stop; echo 'Did not start.' ;;
  'does nothing') echo 'Restarting app.' ;;
  'ends with an error') echo "app: no such directory" >&2; exit 7 ;;
  hangs) sleep 30 ;;
  esac ;;
esac
`;
}

/** Makes the script in a new folder `place` and starts its daemon. */
export async function initService(place: string): Promise<InitService> {
  const scripts = join(place, 'init.d');
  const port = await freePort();
  mkdirSync(scripts, { recursive: true });
  writeFileSync(join(place, 'listener.cjs'), listener);
  writeFileSync(join(place, 'mode'), 'works');
  writeFileSync(join(scripts, 'app'), script(place, port));
  chmodSync(join(scripts, 'app'), 0o755);
  const pid = (): number | null => (existsSync(join(place, 'pid')) ? Number(readFileSync(join(place, 'pid'), 'utf8')) : null);
  return {
    port,
    under: inOwnMounts(
      `mount --bind ${scripts} /etc/init.d`,
      'if [ -d /run/systemd ]; then mount -t tmpfs none /run/systemd; fi',
      ownLocks,
      '/etc/init.d/app start',
    ),
    set: (mode) => writeFileSync(join(place, 'mode'), mode),
    asked: () => (existsSync(join(place, 'asked')) ? readFileSync(join(place, 'asked'), 'utf8').trim().split('\n').length : 0),
    pid,
    stop: () => {
      const daemon = pid();
      if (daemon === null) return;
      try {
        process.kill(daemon, 'SIGKILL');
      } catch {
        // It had ended.
      }
    },
  };
}
