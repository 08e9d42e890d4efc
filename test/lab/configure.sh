# Run inside the new root by build-root.sh, after image/ was copied into it.

useradd --create-home --shell /bin/bash --uid 1000 ops
useradd --no-create-home --home-dir /home/hkn --shell /bin/bash --uid 1001 hkn

# One earlier release of hknweb, for a rollback to go to.
cp -r /home/hkn/hknweb/prod/releases/20261120081500 /home/hkn/hknweb/prod/releases/20261118120000
mkdir -p /home/hkn/hknweb/prod/shared /srv/apps/hkn /backup/manual
cp -rn /etc/skel/. /home/hkn/
chown -R hkn:hkn /home/hkn /srv/apps/hkn

rm -f /etc/nginx/sites-enabled/default /etc/ssh/ssh_host_*
: >/etc/default/locale

# Nothing that waits for hardware or the night, or shows a file system of the machine's kernel.
cd /etc/systemd/system
for unit in systemd-udevd.service systemd-udev-trigger.service systemd-udevd-control.socket systemd-udevd-kernel.socket \
  systemd-modules-load.service systemd-pstore.service systemd-firstboot.service systemd-machine-id-commit.service e2scrub_reap.service \
  apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer fstrim.timer \
  sys-kernel-debug.mount sys-kernel-tracing.mount sys-kernel-config.mount sys-fs-fuse-connections.mount dev-hugepages.mount; do
  ln -sf /dev/null "$unit"
done
