import { createHash } from 'node:crypto';
import type { BackupSpec } from '../../fleet/definition.ts';
import { shq } from '../../remote/quote.ts';

/** An option of the fleet file that is text. */
export function textOption(spec: BackupSpec, option: string): string | null {
  const value = spec.options[option];
  return typeof value === 'string' ? value : null;
}

/** `host:path`, `host::module` or `rsync://…` (rsync(1), GENERAL). */
export function isRemotePlace(place: string): boolean {
  return /^[^/]+:/.test(place);
}

/** Folder on the host that holds the copies; `null` when they lie elsewhere or only the command knows where. */
export function folderOf(spec: BackupSpec): string | null {
  const to = textOption(spec, 'to');
  return to === null || isRemotePlace(to) ? null : to;
}

/** A backup's name as part of file names: no dots, so that no backup's files begin like another's. */
export function slugOf(name: string): string {
  const plain = name.replace(/[^A-Za-z0-9_-]/g, '_');
  return plain === name ? name : `${plain}-${createHash('sha256').update(name).digest('hex').slice(0, 8)}`;
}

/** First part of a dump's file name. */
function databasePrefix(spec: BackupSpec): string {
  return (textOption(spec, 'database') ?? '').replace(/[^A-Za-z0-9_.-]/g, '_').replace(/^[.-]/, '_');
}

/** Shell text that prints the file name of the copy made at the time `$1`. */
function copyName(spec: BackupSpec): string {
  const isDump = spec.kind === 'mysqldump' || spec.kind === 'mariadb-dump';
  return isDump ? `printf "%s" ${shq(databasePrefix(spec))}"-$1.sql.gz"` : 'printf "%s" "$1"';
}

/**
 * Shell text that says where a backup's copies and its records lie, for what makes copies and what reads them; both run under the same
 * privilege. Records: `<to>/.quarterdeck/<slug>.<time>.done` or `.failed`, one line of JSON each, and `<slug>.running` while one runs.
 * Single quotes are avoided: this text is quoted several times on its way, and each time trebles them.
 */
export function placeWords(spec: BackupSpec): string {
  const folder = folderOf(spec);
  return `LC_ALL=C; export LC_ALL
umask 022
slug=${slugOf(spec.name)}
home=$HOME
if [ "$(id -u)" = 0 ] && [ -n "\${SUDO_USER-}" ]; then home=$(getent passwd "$SUDO_USER" 2>/dev/null | cut -d: -f6); [ -n "$home" ] || home=$HOME; fi
at() { case $1 in /*) printf "%s" "$1" ;; "~/"*) printf "%s" "$home/\${1#??}" ;; *) printf "%s" "$home/$1" ;; esac; }
${
  folder === null
    ? `to=
state=\${XDG_STATE_HOME:-$HOME/.local/state}/quarterdeck/backups`
    : `to=$(at ${shq(folder)}); while [ "$to" != / ] && [ "$to" != "\${to%/}" ]; do to=\${to%/}; done
above=\${to%/*}; [ -n "$above" ] || above=/
state=$to/.quarterdeck`
}
copy() { ${copyName(spec)}; }
there() { [ -z "$to" ] || [ -e "$to/$(copy "$1")" ]; }
when() { w=\${1##*/}; w=\${w#"$slug".}; printf "%s" "\${w%.*}"; }
born() { [ -r "/proc/$1/stat" ] && read -r b <"/proc/$1/stat" && b=\${b##*) } && set -- $b && [ "$1" != Z ] && shift 19 && printf "%s" "$1"; }
boot() { [ -r /proc/sys/kernel/random/boot_id ] && read -r b </proc/sys/kernel/random/boot_id && printf "%s" "$b"; }
line() { sed -n "$1p" "$state/$slug.running" 2>/dev/null; }
lives() { p=$(line 1) && [ -n "$p" ] && [ "$(line 2)" = "$(born "$p")" ] && [ "$(line 3)" = "$(boot)" ] && [ -n "$(line 2)" ]; }
`;
}
