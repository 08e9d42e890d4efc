import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { lacks } from '../../probe/needs.ts';

/** For `describe.skipIf`: these tests need MariaDB's server and its dump program. */
export function mariadbMissing(): boolean {
  return lacks('mariadbd', '--version') || lacks('mariadb-install-db', '--version') || lacks('mariadb-dump', '--version');
}

/** A MariaDB of the test's own in a folder, on a socket there, with a binary log. */
export class OwnMariadb {
  readonly socket: string;
  /** Option file that logs in. */
  readonly defaults: string;
  readonly #child: ChildProcess;

  private constructor(directory: string, child: ChildProcess) {
    this.socket = join(directory, 'db.sock');
    this.defaults = join(directory, 'my.cnf');
    this.#child = child;
  }

  static async start(directory: string): Promise<OwnMariadb> {
    mkdirSync(directory, { recursive: true });
    const data = join(directory, 'data');
    const user = userInfo().username;
    const common = ['--no-defaults', `--datadir=${data}`, `--user=${user}`];
    execFileSync('mariadb-install-db', [...common, '--auth-root-authentication-method=normal', '--skip-test-db'], { stdio: 'ignore' });
    const socket = join(directory, 'db.sock');
    writeFileSync(join(directory, 'my.cnf'), `[client]\nsocket=${socket}\nuser=root\n`);
    const child = spawn(
      'mariadbd',
      [...common, `--socket=${socket}`, '--skip-networking', `--log-bin=${join(directory, 'binlog')}`, '--innodb-buffer-pool-size=32M'],
      { stdio: 'ignore' },
    );
    const server = new OwnMariadb(directory, child);
    for (let waited = 0; waited < 200; waited += 1) {
      if (existsSync(socket) && server.#answers()) return server;
      await sleep(100);
    }
    throw new Error('MariaDB did not start within 20 s.');
  }

  run(sql: string): string {
    return execFileSync('mariadb', [`--defaults-file=${this.defaults}`, '-N', '-B', '-e', sql], { encoding: 'utf8' });
  }

  async stop(): Promise<void> {
    const gone = new Promise((resolve) => this.#child.once('close', resolve));
    this.#child.kill('SIGKILL');
    await gone;
  }

  #answers(): boolean {
    try {
      return this.run('select 1').trim() === '1';
    } catch {
      return false;
    }
  }
}
