#!/bin/sh
# One host's power and plug: `unshare --net --mount host-power.sh FOLDER`. Its network and its disk last while this script does, so a
# reboot keeps them and a power-off (or the death of this script) takes both away; nothing of them is seen outside these namespaces.
# FOLDER holds: settings (below), files/ (copied over the root), shared/ (seen inside as /run/lab).
set -eu
folder=$1
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=/dev/null # lowerdir cgroup address plug switch_pid, written by lab-folder.ts
. "$folder/settings"

ip link set lo up
ip link add eth0 type veth peer name "$plug" netns "$switch_pid"
nsenter --target "$switch_pid" --net ip link set "$plug" master switch up
ip address add "$address" dev eth0
ip link set eth0 up

mkdir -p "$folder/disk"
mount -t tmpfs -o mode=755 lab-disk "$folder/disk"
mkdir "$folder/disk/upper" "$folder/disk/work" "$folder/disk/root"
mount -t overlay lab-root -o "lowerdir=$lowerdir,upperdir=$folder/disk/upper,workdir=$folder/disk/work" "$folder/disk/root"
cp -R --no-preserve=ownership "$folder/files/." "$folder/disk/root/"
chmod 600 "$folder/disk/root/etc/ssh/ssh_host_ed25519_key"

while :; do
  rm -f "$folder/shared/ready" "$folder/pid"
  status=0
  setpriv --pdeathsig KILL unshare --pid --fork --kill-child --mount --uts --ipc sh -c '
    echo 0 >"$1/cgroup.procs"
    exec unshare --cgroup sh "$2/host-boot.sh" "$3"
  ' host-boot "$cgroup" "$here" "$folder" || status=$?
  # The kernel ends the first process of a PID namespace that calls reboot(2) with SIGHUP, one that powers off with SIGINT (pid_namespaces(7)).
  [ "$status" -eq 129 ] || break
done
rm -f "$folder/shared/ready" "$folder/pid"
