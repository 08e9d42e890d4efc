import type { ServiceSpec, Sudo } from '../fleet/definition.ts';
import { inspectContainers, listenPattern, showUnits, supervisorStatus } from './manager-commands.ts';
import { quoteWord } from './quote-word.ts';
import { refusedName } from './service-name.ts';
import { noncePattern, procFiles } from './wire.ts';

/** What one host is asked beyond its counters. */
export interface CollectorSpec {
  readonly services: readonly ServiceSpec[];
  readonly sudo: Sudo;
}

/** How long one part may take on the host, seconds; after one ran out, the others of that round get one second each. */
export const partSeconds = 3;

/**
 * Not asked: reading it waits for nfsd's lock, which a stopping server with a stuck disk never gives back, and only root may.
 * The `th` line of /proc/net/rpc/nfsd tells the same.
 */
const neverRead = '/proc/fs/nfsd/threads';

/**
 * GNU timeout kills its own group and returns even when the child stays in state D. Busybox's becomes the child, so that
 * the shell would wait for ever: there, and where there is none, a watchdog interrupts the shell's own `wait`.
 */
const timeBox = `case $(timeout --version 2>&1 </dev/null) in *GNU*) G=yes;; *) G=no;; esac
if [ $G = yes ]; then
q_box() { timeout -k 1 "$T" "$@" </dev/null 2>&1; }
else
trap 'X=1' USR1
q_box() {
X=
"$@" </dev/null 2>&1 &
q_child=$!
( exec >/dev/null 2>&1 </dev/null
q_nap=
trap '[ -z "$q_nap" ] || kill "$q_nap"; exit' TERM
sleep "$T" & q_nap=$!
wait "$q_nap"
kill -TERM "$q_child"
sleep 1 & q_nap=$!
wait "$q_nap"
kill -KILL "$q_child"
kill -USR1 $$ ) &
q_dog=$!
wait "$q_child"
q_rc=$?
[ -n "$X" ] && return 124
kill "$q_dog"
wait "$q_dog"
case $q_rc in 137|143) return 124;; esac
return "$q_rc"
}
fi`;

/** A part whose tool hung is asked again only in slow rounds, so that a dead daemon costs its time box now and then, not every round. */
const partRunner = `q_run() {
q_part=$1
shift
echo "
#$N p $q_part"
eval "q_hung=\\$H_$q_part"
if [ "$W$q_hung" = fy ]; then
q_exit=124
else
q_box "$@"
q_exit=$?
case $q_exit in 124|137) eval "H_$q_part=y"; T=1;; *) eval "H_$q_part=n";; esac
fi
echo "
#$N e $q_part $q_exit"
}`;

/** Undoes the kernel's octal escapes of mount names (\\040 \\011 \\012 \\134 \\043) into D, without a fork. */
const mountName = `q_name() {
D=
q_rest=$1
while :; do
case $q_rest in *\\\\*) ;; *) D=$D$q_rest; return;; esac
D=$D\${q_rest%%\\\\*}
q_rest=\${q_rest#*\\\\}
case $q_rest in
040*) D="$D ";;
011*) D="$D	";;
012*) D="$D
";;
134*) D="$D\\\\";;
043*) D="$D#";;
*) D="$D\\\\"; continue;;
esac
q_rest=\${q_rest#???}
done
}`;

/**
 * Local filesystems only, chosen by type: asking a network or fuse mount may never return. One mount of each device is enough.
 * In state D threads are counted, since a server's wait where its process does not; `echo` is the shell's own and takes any number of names.
 */
const slowParts = `q_slow() {
set --
q_seen=' '
while read -r q_dev q_mnt q_type q_more; do
case $q_type in
ext[234]|xfs|btrfs|zfs|f2fs|jfs|nilfs2|reiserfs|bcachefs|vfat|exfat|ntfs3|hfsplus|ufs) ;;
tmpfs|overlay) case $q_mnt in /|/tmp|/run|/var|/var/*) ;; *) continue;; esac;;
*) continue;;
esac
case $q_mnt in /etc/*|/proc/*|/sys/*|/dev/*|/snap/*|/run/*|/var/snap/*|/var/lib/docker/*|/var/lib/containerd/*|/var/lib/containers/*|/var/lib/kubelet/*) continue;; esac
case $q_dev in /dev/*) case $q_seen in *" $q_dev "*) continue;; esac; q_seen="$q_seen$q_dev ";; esac
q_name "$q_mnt"
set -- "$@" "$D"
done </proc/self/mounts
if [ $# -gt 0 ]; then
q_run df df -P -k -- "$@"
q_run dfi df -P -i -- "$@"
fi
echo "
#$N p dstate"
set -- $(echo /proc/[0-9]*/task/[0-9]*/stat | xargs grep -ls ') D ')
echo "$#

#$N e dstate 0"
}`;

const hello = `h() {
q_os=
for q_file in /usr/lib/os-release /etc/os-release; do
[ -r $q_file ] && while IFS= read -r q_line; do case $q_line in PRETTY_NAME=*) q_os=\${q_line#*=};; esac; done <$q_file
done
q_os=\${q_os#[\\"\\']}
q_boot= q_init=
[ -r /proc/sys/kernel/random/boot_id ] && read -r q_boot </proc/sys/kernel/random/boot_id
[ -r /proc/1/comm ] && read -r q_init </proc/1/comm
set -- $(uname -snrm </dev/null)
echo "
#$N begin 0

#$N p id
kernel=$1
hostname=$2
release=$3
machine=$4
os=\${q_os%[\\"\\']}
boot=$q_boot
tick=$(getconf CLK_TCK </dev/null || echo 100)
page=$(getconf PAGESIZE </dev/null || echo 4096)
init=$q_init
timeout=$G
uid=$(id -u </dev/null)

#$N e id 0

#$N end 0"
}`;

function sysvStatus(services: readonly ServiceSpec[]): string {
  const names = [...new Set(services.map((service) => quoteWord(service.unit)))];
  return `q_sysv() {
echo "
#$N p sysv"
for q_script in ${names.join(' ')}; do
q_path=/etc/init.d/$q_script
[ -x "$q_path" ] || q_path=/etc/rc.d/$q_script
q_exit=127
[ -x "$q_path" ] && { q_box "$q_path" status >/dev/null; q_exit=$?; }
[ $q_exit = 124 ] && T=1
echo "$q_script $q_exit"
done
echo "
#$N e sysv 0"
}`;
}

/** Calls of the parts a fast round has for these services, in order; those that need a systemd of the host are behind its test. */
function serviceParts(services: readonly ServiceSpec[], sudo: Sudo): { readonly functions: string[]; readonly calls: string[] } {
  const of = (...managers: readonly string[]): ServiceSpec[] => services.filter((service) => managers.includes(service.manager));
  const functions: string[] = [];
  const calls: string[] = [];
  const pattern = listenPattern(services);
  if (pattern !== null) calls.push(`q_run listen grep -hE ${quoteWord(pattern)} $L`);
  const systemd = of('systemd');
  const sysv = of('sysv');
  if (sysv.length > 0) {
    functions.push(sysvStatus(sysv));
    calls.push(`if [ $Y = y ]; then q_run units ${showUnits([...systemd, ...sysv], false)}; else`);
    if (systemd.length > 0) calls.push(`q_run units ${showUnits(systemd, false)}`);
    calls.push('q_sysv; fi');
  } else if (systemd.length > 0) {
    calls.push(`q_run units ${showUnits(systemd, false)}`);
  }
  const user = of('systemd-user');
  if (user.length > 0) calls.push(`q_run userunits ${showUnits(user, true)}`);
  const docker = of('docker', 'docker-compose');
  if (docker.length > 0) calls.push(`q_run docker ${inspectContainers(docker, sudo)}`);
  const supervisor = of('supervisor');
  if (supervisor.length > 0) calls.push(`q_run supervisor ${supervisorStatus(supervisor, sudo)}`);
  return { functions, calls };
}

/**
 * The POSIX sh text that makes a host's `sh` a collector: see docs/collector-wire.md. It writes no file, reads no network
 * filesystem, gives every tool a time box and ends with its standard input. Services whose names are refused are left out.
 * @throws Error when the nonce is not 16 hexadecimal digits.
 */
export function collectorScript(spec: CollectorSpec, nonce: string): string {
  if (!noncePattern.test(nonce)) throw new Error('The nonce of a collector is 16 hexadecimal digits.');
  const { functions, calls } = serviceParts(
    spec.services.filter((service) => refusedName(service) === null),
    spec.sudo,
  );
  const files = procFiles.filter((file) => file !== neverRead).join(' ');
  return `N=${nonce}
exec 2>/dev/null
cd /
LC_ALL=C SYSTEMD_COLORS=0 SYSTEMD_URLIFY=0
PATH=\${PATH:-/usr/bin:/bin}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
XDG_RUNTIME_DIR=\${XDG_RUNTIME_DIR:-/run/user/$(id -u </dev/null)}
export LC_ALL SYSTEMD_COLORS SYSTEMD_URLIFY PATH XDG_RUNTIME_DIR
unset LANGUAGE
S=0 Y=n L=
[ -d /run/systemd/system ] && Y=y
for q_file in tcp tcp6 unix; do [ -r /proc/net/$q_file ] && L="$L /proc/net/$q_file"; done
${timeBox}
${partRunner}
${mountName}
${slowParts}
${functions.join('\n')}
q_fast() {
S=$((S + 1)) T=${partSeconds}
echo "
#$N begin $S

#$N p proc"
head -n 99999 ${files} </dev/null
echo "
#$N e proc $?"
${calls.join('\n')}
}
f() { W=f; q_fast; echo "
#$N end $S"; }
s() { W=s; q_fast; q_slow; echo "
#$N end $S"; }
${hello}
h
`;
}
