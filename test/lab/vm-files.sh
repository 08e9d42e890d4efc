#!/bin/sh
# In the first RAM disk of a virtual machine, when its root is mounted and nothing runs yet: what makes it this host and no other, from its
# second disk (vm.ts). See initramfs-tools(7).
set -e
[ "${1:-}" != prereqs ] || exit 0
mount -t ext4 -o ro /dev/vdb "$rootmnt/mnt/lab"
mkdir -p /run/lab
cat "$rootmnt/mnt/lab/shared/role" >/run/lab/role
chroot "$rootmnt" cp -R --no-preserve=ownership /mnt/lab/files/. /
chroot "$rootmnt" chmod 600 /etc/ssh/ssh_host_ed25519_key
umount "$rootmnt/mnt/lab"
