#!/bin/sh
# Builds the file system the lab's hosts share, or finds it built, and prints its layers, topmost first:
#   image FOLDER   what test/lab/image and configure.sh add (a second or two to make)
#   base FOLDER    the packages of Debian 12 (half a minute to make)
#   vm FOLDER      with LAB_VM=1: both as one disk, root.ext4, with a kernel of its own, vmlinuz and initrd (two minutes to make)
# They are kept in ${XDG_CACHE_HOME:-~/.cache}/quarterdeck-lab under a hash of what they were made from; packages are as new as on the day
# of the build. LAB_EXTRA=1 adds Docker, for the role of that name, LAB_VM=1 NFS. Run as root; progress goes to standard error.
set -eu
umask 022
here=$(cd "$(dirname "$0")" && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/quarterdeck-lab
suite=bookworm
packages='systemd systemd-sysv dbus libpam-systemd libnss-myhostname openssh-server sudo iproute2 procps nftables curl
  nginx-light uwsgi uwsgi-plugin-python3 python3-minimal rsync haproxy memcached sshfs'
[ "${LAB_EXTRA:-}" != 1 ] || packages="$packages docker.io iptables busybox-static"
[ "${LAB_VM:-}" != 1 ] || packages="$packages linux-image-cloud-amd64 initramfs-tools kmod nfs-kernel-server nfs-common netcat-openbsd psmisc"

# Owner, times and umask of the clone must not change the hash.
pack_image() {
  tar --create --directory="$here/image" --sort=name --owner=0 --group=0 --numeric-owner --mtime=@0 --mode=go-w,a+rX .
}

short_hash() {
  sha256sum | cut -c 1-16
}

base=$cache/base-$(printf '%s' "$suite $packages" | short_hash)
image=$cache/image-$({ echo "$base"; cat "$0" "$here/configure.sh"; pack_image; } | short_hash)
vm=$cache/vm-$({ echo "$image"; cat "$here/configure-vm.sh" "$here/vm-files.sh"; } | short_hash)

# apt's own configuration of this machine is used (mirror, proxy), if its sources know the suite; else mmdebstrap's defaults.
sources() {
  for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/debian.sources; do
    if [ -f "$file" ] && grep -Eq "^[^#]*\\b$suite\\b" "$file"; then printf '%s\n' "$file"; fi
  done
}

build_base() {
  rm -rf "$base.partial"
  options=$(mktemp)
  apt-config dump | grep '^Acquire::' >"$options"
  # shellcheck disable=SC2046 # file names of apt's have no blanks
  mmdebstrap --mode=root --variant=minbase --quiet --aptopt="$options" --aptopt='Acquire::Languages "none"' \
    --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
    --include="$(echo $packages | tr ' ' ,)" "$suite" "$base.partial" $(sources) >&2
  rm -f "$options"
  mv "$base.partial" "$base"
}

build_image() {
  rm -rf "$image.partial" "$image.work" "$image.root"
  mkdir "$image.partial" "$image.work" "$image.root"
  pack_image >"$image.work.tar"
  # The mounts live and die with this namespace.
  unshare --mount sh -eu -c '
    mount -t overlay overlay -o "lowerdir=$1,upperdir=$2.partial,workdir=$2.work" "$2.root"
    tar --extract --directory="$2.root" --no-overwrite-dir --file="$2.work.tar"
    mount --rbind /dev "$2.root/dev"
    exec chroot "$2.root" sh -eu -s <"$3"
  ' build-image "$base" "$image" "$here/configure.sh" >&2
  rm -rf "$image.work" "$image.work.tar" "$image.root"
  mv "$image.partial" "$image"
}

build_vm() {
  rm -rf "$vm.partial" "$vm.upper" "$vm.work" "$vm.root"
  mkdir "$vm.partial" "$vm.upper" "$vm.work" "$vm.root"
  # 1 GiB more than the packages need; only what is written takes room on this machine.
  unshare --mount sh -eu -c '
    mount -t overlay overlay -o "lowerdir=$1:$2,upperdir=$3.upper,workdir=$3.work" "$3.root"
    mount --rbind /dev "$3.root/dev"
    mount -t proc proc "$3.root/proc"
    install -D -m 755 "$5" "$3.root/etc/initramfs-tools/scripts/init-bottom/lab-files"
    chroot "$3.root" sh -eu -s <"$4"
    umount "$3.root/proc"
    umount --recursive "$3.root/dev"
    mv "$3.root/boot/vmlinuz-"* "$3.partial/vmlinuz"
    mv "$3.root/boot/initrd.img-"* "$3.partial/initrd"
    size=$(du --summarize --block-size=1M "$3.root" | cut -f 1)
    mke2fs -q -t ext4 -L root -d "$3.root" "$3.partial/root.ext4" "$((size + 1024))M"
  ' build-vm "$image" "$base" "$vm" "$here/configure-vm.sh" "$here/vm-files.sh" >&2
  rm -rf "$vm.upper" "$vm.work" "$vm.root"
  mv "$vm.partial" "$vm"
}

mkdir -p "$cache"
exec 9>"$cache/lock"
flock 9
[ -d "$base" ] || { echo "lab: building the Debian root" >&2; build_base; }
[ -d "$image" ] || { echo "lab: building the lab's own layer" >&2; build_image; }
printf 'image %s\nbase %s\n' "$image" "$base"
[ "${LAB_VM:-}" = 1 ] || exit 0
[ -d "$vm" ] || { echo "lab: building the disk of the virtual machines" >&2; build_vm; }
printf 'vm %s\n' "$vm"
