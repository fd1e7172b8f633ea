#!/usr/bin/env bash
# Runs test files on a machine of their own: Debian with systemd and control groups of version 2, whatever this machine has.
# The machine is a process (User Mode Linux), so that neither KVM nor a kernel of its own is asked for; it is slow: a file of
# test/containers takes minutes. Wants root, and Debian's packages user-mode-linux, mmdebstrap, e2fsprogs and kubectl.
#
#   npm run test:vm -- FILE…          LONGSHORE_VM_MEMORY is its memory (3072M); LONGSHORE_TEST… are handed on
set -euo pipefail
cd "$(dirname "$0")/../.."
cache=$PWD/.cache/vm
image=$cache/root.ext4
kernel=$(command -v linux.uml) || { echo 'apt-get install user-mode-linux'; exit 1; }

packages=(
  systemd systemd-sysv udev dbus kmod procps iproute2 iptables apparmor ca-certificates
  containerd runc containernetworking-plugins docker.io podman libfaketime busybox-static gcc libc6-dev buildah python3 perl
)

build() {
  mkdir -p "$cache"
  rm -rf "$cache/root" "$image"
  mmdebstrap --variant=minbase --include="$(IFS=,; echo "${packages[*]}")" \
    --customize-hook='chroot "$1" systemctl disable containerd docker docker.socket podman-auto-update.timer' \
    --customize-hook='copy-in test/vm/longshore-tests.service /etc/systemd/system' \
    --customize-hook='chroot "$1" systemctl enable longshore-tests' \
    --customize-hook='mkdir -p "$1/lib/modules" "$1/host"' \
    --customize-hook='cp -a /usr/lib/uml/modules/. "$1/lib/modules/"' \
    --customize-hook='for tree in "$1"/lib/modules/*; do chroot "$1" depmod "${tree##*/}"; done' \
    --customize-hook='echo longshore-vm > "$1/etc/hostname"; echo "127.0.1.1 longshore-vm" >> "$1/etc/hosts"' \
    bookworm "$cache/root"
  truncate -s 8G "$image.part"
  mke2fs -q -t ext4 -d "$cache/root" "$image.part"
  mv "$image.part" "$image"
  rm -rf "$cache/root"
}

[ -f "$image" ] || build

# What is done there: the machine looks for this file when it has started.
order=$cache/order.sh
result=$cache/result
output=$cache/output
rm -f "$result" "$cache/changes"
: >"$output"
{
  echo 'set -u'
  echo "cd '/host$PWD'"
  echo "export PATH='/host$PWD/node_modules/node/bin':/host$(dirname "$(readlink -f "$(command -v kubectl)")"):\$PATH HOME=/root"
  # About as many times slower is what a container's start is there.
  echo "export LONGSHORE_TEST_PATIENCE=${LONGSHORE_TEST_PATIENCE:-10}"
  declare -px | grep ' LONGSHORE_TEST' || true
  printf 'node --test --test-timeout=1800000 --test-concurrency=1 --test-reporter=spec'
  printf ' %q' "$@"
  echo " >'/host$output' 2>&1"
  echo "echo \$? >'/host$result'"
  # Nothing of it is kept, and an orderly end takes its time.
  echo 'systemctl poweroff --force --force'
} >"$order"

TMPDIR=/dev/shm nice "$kernel" "ubd0=$cache/changes,$image" root=/dev/ubda rw "mem=${LONGSHORE_VM_MEMORY:-3072M}" \
  security=apparmor con=null con0=null,fd:1 "longshore.order=$order" >"$cache/console" 2>&1 </dev/null &
machine=$!
tail -f --pid="$machine" "$output" &
trap 'kill "$machine" 2>/dev/null || true; rm -f "$cache/changes"' EXIT
wait "$machine" || true
if [ ! -s "$result" ]; then
  tail -n 20 "$cache/console"
  echo 'the machine ended before the tests did'
  exit 1
fi
exit "$(cat "$result")"
