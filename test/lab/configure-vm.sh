# Run inside the root of the virtual machines by build-root.sh, after configure.sh: the little that a kernel of its own needs.

# No udev runs (configure.sh): these are loaded at the start, the rest (NFS, nf_tables) when the kernel asks for it.
printf '%s\n' virtio_pci virtio_blk virtio_net virtio_rng >/etc/initramfs-tools/modules
sed -i 's/^MODULES=.*/MODULES=list/; s/^BUSYBOX=.*/BUSYBOX=n/; s/^COMPRESS=.*/COMPRESS=gzip/' /etc/initramfs-tools/initramfs.conf
rm -f /boot/initrd.img-*
update-initramfs -c -k "$(basename /lib/modules/*)"
