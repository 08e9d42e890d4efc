import * as z from 'zod';
import type { CheckSpec } from '../../fleet/definition.ts';
import { type Variant, variant } from '../variant.ts';
import { asked, baseOf, oneLine, place, placeOf, second } from './check-base.ts';
import { duration, port, ratio, remotePath, setting } from './values.ts';

const mysql = z.strictObject({
  mysql: z
    .strictObject({
      socket: remotePath.optional().describe('Unix socket of the server, as seen from the host (the usual one, else port 3306)'),
      host: oneLine.optional().describe('Server, when it is another machine'),
      port: port.optional().describe('Port of the server (3306)'),
      user: oneLine.optional().describe('Account that asks (the login user, let in by unix_socket or auth_socket)'),
      password: setting.optional().describe('Its password; text, { env: NAME } or { file: PATH }'),
      defaults_file: remotePath.optional().describe('Option file on the host whose [client] group has what is not given here'),
      replication: z.boolean().optional().describe('Whether replication must run: following another server, or followed by one (false)'),
      lag_warn: duration.optional().describe('Replication lag that warns (30s)'),
      lag_crit: duration.optional().describe('Replication lag that is critical'),
    })
    .describe('MySQL or MariaDB server'),
  ...asked,
});

const memcached = z.strictObject({
  memcached: place('must be a host name, or host:port', false).describe('host:port (11211)'),
  hit_rate_warn: ratio.optional().describe('Warn when fewer gets hit between two questions: 0.7. Judged from 100 gets on'),
  ...asked,
});

/** Questions to databases and caches. */
export const databaseChecks = {
  mysql: variant(mysql, (name, given) => ({
    ...baseOf(name, given, { everyMs: 30 * second, timeoutMs: 5 * second }),
    kind: 'mysql',
    socket: given.mysql.socket ?? null,
    host: given.mysql.host ?? null,
    port: given.mysql.port ?? null,
    user: given.mysql.user ?? null,
    password: given.mysql.password ?? null,
    defaultsFile: given.mysql.defaults_file ?? null,
    replication: given.mysql.replication ?? false,
    lagWarnMs: given.mysql.lag_warn ?? 30 * second,
    lagCritMs: given.mysql.lag_crit ?? null,
  })),
  memcached: variant(memcached, (name, given) => ({
    ...baseOf(name, given, { everyMs: 10 * second, timeoutMs: 5 * second }),
    kind: 'memcached',
    ...placeOf(given.memcached, 11211),
    hitRateWarn: given.hit_rate_warn ?? null,
  })),
} satisfies Record<string, Variant<CheckSpec>>;
