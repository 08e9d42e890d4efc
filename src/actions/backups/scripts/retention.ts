import type { BackupSpec } from '../../../fleet/definition.ts';
import { placeWords } from '../../../probe/backups/place.ts';

/**
 * Lets old copies go: only those with a record of ours, only while the newest attempt is a verified copy, never below `keep`.
 * A copy loses its name before it loses its content, so that half a copy never looks whole. What cannot be deleted stays and is said;
 * the new copy is no less good for it.
 */
export function retentionScript(spec: BackupSpec, keep: number): string {
  return `# quarterdeck backup retention ${spec.kind}
# deletes our verified copies beyond the newest ${keep}, once the new one is verified
${placeWords(spec)}keep=${keep}
exec 9>>"$state/lock"
flock -w 10 9 9>&9 || { echo "another backup to $to is running: no old copy is deleted now"; exit 0; }
set --
newest= bad=
for f in "$state/$slug".*.failed; do [ ! -f "$f" ] || bad=$(when "$f"); done
for f in "$state/$slug".*.done; do
[ -f "$f" ] || continue
w=$(when "$f")
case $w in [0-9]*T[0-9]*Z) ;; *) continue ;; esac
if there "$w"; then
newest=$w
if grep -q "\\"verified\\":true" "$f"; then set -- "$@" "$w"; sure=$w; fi
elif [ -e "$to/$(copy "$w").deleting" ]; then rm -rf -- "$to/$(copy "$w").deleting" && rm -f -- "$f"
fi
done
[ -n "$newest" ] && [ "$newest" = "\${sure-}" ] || { echo "the newest copy is not verified: no old one is deleted"; exit 0; }
[ -z "$bad" ] || [ "$(printf "%s\\n%s\\n" "$bad" "$newest" | sort | tail -n 1)" = "$newest" ] || { echo "the newest attempt failed: no old copy is deleted"; exit 0; }
while [ "$#" -gt "$keep" ]; do
a=$(copy "$1")
if mv -- "$to/$a" "$to/$a.deleting" && rm -rf -- "$to/$a.deleting"; then rm -f -- "$state/$slug.$1.done"; echo "deleted $to/$a"
else echo "$to/$a could not be deleted"; fi
shift
done
exit 0`;
}
