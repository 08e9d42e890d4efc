import * as z from 'zod';
import type { BackupSpec } from '../../fleet/definition.ts';
import { type FleetReader, isMap } from '../fleet-reader.ts';
import { type Variant, variant } from '../variant.ts';
import { givenOptions } from './pools.ts';
import { count, duration, key, name, names, remotePath, text } from './values.ts';

const shared = {
  max_age: duration.optional().describe('Oldest that the newest copy may be (26h)'),
  keep: count.optional().describe('Copies that are kept'),
  same_host: z.boolean().optional().describe('Whether the copy lies on the host it copies'),
  key: key.optional().describe('Second key after b'),
  timeout: duration.optional().describe('Longest that one may take (6h)'),
};

const on = names.describe('Role or roles on which it runs');

const allow_shrink = z.boolean().optional().describe('Take a copy that is less than half of the last one (false)');

const lock = remotePath.optional().describe('Lock file, so that two never run at once');

const dump = {
  on,
  database: text.describe('Database that is dumped'),
  to: remotePath.describe('Folder of the dumps'),
  host: text.optional().describe('Database server, when it is another machine'),
  defaults_file: remotePath.optional().describe('Option file with the credentials, on the host'),
  allow_shrink,
  lock,
  ...shared,
};

const schemas = {
  'gce-snapshot': z.strictObject({
    kind: z.literal('gce-snapshot').describe('Snapshot of a Google Cloud disk'),
    on: names.describe('Role or roles that the disk belongs to'),
    disk: name.describe('Name of the disk'),
    zone: name.optional().describe('Zone of the disk'),
    project: text.optional().describe('Project, when it is another than the inventory’s'),
    ...shared,
  }),
  'azure-snapshot': z.strictObject({
    kind: z.literal('azure-snapshot').describe('Snapshot of an Azure disk'),
    on: names.describe('Role or roles that the disk belongs to'),
    disk: name.describe('Name of the disk'),
    resourceGroup: name.optional().describe('Resource group; the inventory’s when left out'),
    ...shared,
  }),
  rsync: z.strictObject({
    kind: z.literal('rsync').describe('A copy with rsync'),
    on,
    from: text.describe('What is copied, as rsync is told'),
    to: text.describe('Where to, as rsync is told'),
    sentinel: remotePath.optional().describe('File that must exist in the source, so that an empty mount is not copied'),
    allow_shrink,
    lock,
    ...shared,
  }),
  mysqldump: z.strictObject({ kind: z.literal('mysqldump').describe('A dump with mysqldump'), ...dump }),
  'mariadb-dump': z.strictObject({ kind: z.literal('mariadb-dump').describe('A dump with mariadb-dump'), ...dump }),
  rsnapshot: z.strictObject({
    kind: z.literal('rsnapshot').describe('A run of rsnapshot'),
    on,
    interval: name.describe('Interval as rsnapshot.conf names it'),
    config: remotePath.optional().describe('Its configuration (/etc/rsnapshot.conf)'),
    watch: remotePath.optional().describe('Newest copy, whose age is watched'),
    lock,
    ...shared,
  }),
  command: z.strictObject({
    kind: z.literal('command').describe('A command of your own'),
    on,
    run: text.describe('Command that makes the copy'),
    watch: remotePath.optional().describe('File or folder whose age is watched'),
    allow_shrink,
    lock,
    ...shared,
  }),
  watch: z.strictObject({
    kind: z.literal('watch').optional().describe('Made by somebody else and only watched'),
    on,
    watch: remotePath.describe('Newest copy, whose age is watched'),
    ...shared,
  }),
} as const;

type Given = z.output<(typeof schemas)[keyof typeof schemas]>;

const usualMaxAgeMs = 26 * 3_600_000;
const usualTimeoutMs = 6 * 3_600_000;

/** One variant a kind of backup. */
export const backupVariants: Readonly<Record<BackupSpec['kind'], Variant<BackupSpec>>> = {
  'gce-snapshot': variant(schemas['gce-snapshot'], backupOf),
  'azure-snapshot': variant(schemas['azure-snapshot'], backupOf),
  rsync: variant(schemas.rsync, backupOf),
  mysqldump: variant(schemas.mysqldump, backupOf),
  'mariadb-dump': variant(schemas['mariadb-dump'], backupOf),
  rsnapshot: variant(schemas.rsnapshot, backupOf),
  command: variant(schemas.command, backupOf),
  watch: variant(schemas.watch, backupOf),
};

const kinds = [
  'gce-snapshot',
  'azure-snapshot',
  'rsync',
  'mysqldump',
  'mariadb-dump',
  'rsnapshot',
  'command',
  'watch',
] as const satisfies readonly BackupSpec['kind'][];

/** The backups of a file that could be read; one without a kind that says `watch` is only watched. */
export function readBackups(reader: FleetReader): BackupSpec[] {
  return reader.entries('backups').flatMap(([backupName, value]) => {
    const path = ['backups', backupName];
    const watched = isMap(value) && value['kind'] === undefined && value['watch'] !== undefined;
    const kind = watched ? 'watch' : reader.kindOf(kinds, value, path);
    return kind === undefined ? [] : (backupVariants[kind].read(reader, value, path, backupName) ?? []);
  });
}

function backupOf(backupName: string, given: Given): BackupSpec {
  const { kind = 'watch', on: roles, max_age, keep, same_host, key: chord, timeout, ...options } = given;
  return {
    name: backupName,
    kind,
    on: roles,
    maxAgeMs: max_age ?? usualMaxAgeMs,
    keep: keep ?? null,
    sameHost: same_host ?? staysOnHost(given),
    key: chord ?? null,
    timeoutMs: timeout ?? usualTimeoutMs,
    options: givenOptions(options),
  };
}

/** A copy written to a path of the host it copies would be lost with it; what the file says goes first. */
function staysOnHost(given: Given): boolean {
  if (given.kind === 'rsync') return !isRemote(given.from) && !isRemote(given.to);
  if (given.kind === 'mysqldump' || given.kind === 'mariadb-dump') return given.host === undefined;
  return false;
}

/** `host:path`, `host::module` or `rsync://…` (rsync(1), GENERAL). */
function isRemote(place: string): boolean {
  return /^[^/]+:/.test(place);
}
