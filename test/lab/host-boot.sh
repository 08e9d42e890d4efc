#!/bin/sh
# The first process of a host: makes its view of the world and becomes systemd. Run by host-power.sh in namespaces of its own.
# systemd empties /tmp as it starts (tmpfiles.d/tmp.conf), so nothing here may show it a folder of the machine: /tmp, /run and /dev are its
# own, the rest is the host's overlay, and what reaches the machine's kernel (/sys, /proc/sys) is read-only.
set -eu
folder=$1
root=$folder/disk/root

# Through the machine's /proc, so the id as seen from outside.
read -r pid _ </proc/self/stat
echo "$pid" >"$folder/pid"
hostname "$(cat "$root/etc/hostname")"

mount -t proc -o nosuid,nodev,noexec proc "$root/proc"
mount --bind "$root/proc/sys" "$root/proc/sys"
mount -o remount,bind,ro "$root/proc/sys"
# Belongs to the network namespace, and Docker writes here.
mount --bind "$root/proc/sys/net" "$root/proc/sys/net"
mount -o remount,bind,rw "$root/proc/sys/net"
if [ -e "$root/proc/sysrq-trigger" ]; then
  mount --bind "$root/proc/sysrq-trigger" "$root/proc/sysrq-trigger"
  mount -o remount,bind,ro "$root/proc/sysrq-trigger"
fi

mount -t sysfs -o ro,nosuid,nodev,noexec sysfs "$root/sys"
mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"

mount -t tmpfs -o mode=755,nosuid dev "$root/dev"
for node in 'null 1 3' 'zero 1 5' 'full 1 7' 'random 1 8' 'urandom 1 9' 'tty 5 0' 'fuse 10 229'; do
  # shellcheck disable=SC2086 # three words on purpose
  set -- $node
  mknod -m 666 "$root/dev/$1" c "$2" "$3"
done
mkdir "$root/dev/pts" "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts "$root/dev/pts"
mount -t tmpfs -o mode=1777,nosuid,nodev shm "$root/dev/shm"
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
for stream in 'stdin 0' 'stdout 1' 'stderr 2'; do ln -s "/proc/self/fd/${stream#* }" "$root/dev/${stream% *}"; done

mount -t tmpfs -o mode=755,nosuid,nodev run "$root/run"
mount -t tmpfs -o mode=1777,nosuid,nodev tmp "$root/tmp"
mkdir "$root/run/lab"
mount --bind "$folder/shared" "$root/run/lab"
# A boot id of its own, or a reboot could not be seen: the kernel's is the machine's.
cat /proc/sys/kernel/random/uuid >"$root/run/boot-id"
mount --bind "$root/run/boot-id" "$root/proc/sys/kernel/random/boot_id"

role=$(cat "$folder/shared/role")
# Docker's own overlay file systems cannot lie on another one.
if [ "$role" = docker ]; then
  for name in docker containerd; do
    mkdir -p "$folder/disk/$name" "$root/var/lib/$name"
    mount --bind "$folder/disk/$name" "$root/var/lib/$name"
  done
fi

exec >"$folder/console.log" 2>&1 </dev/null
cd "$root"
pivot_root . .
umount -l .
cd /
# What a host has no business with: the machine's clock, modules, raw devices and log.
exec setpriv --bounding-set=-sys_time,-sys_module,-sys_rawio,-syslog \
  env -i container=quarterdeck-lab PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd --system "--unit=role-$role.target" --log-target=journal
