#!/bin/sh
# Builds the sandbox's program for both machines and writes ../pause-programs.ts. Needs gcc for this machine and the other
# (Debian: gcc, gcc-aarch64-linux-gnu, gcc-x86-64-linux-gnu).
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT
flags='-static -nostdlib -nostartfiles -ffreestanding -fno-stack-protector -fno-pic -no-pie -fno-asynchronous-unwind-tables
  -Os -s -Wall -Wextra -Werror -Wl,--build-id=none -Wl,-z,noseparate-code'
compiler() { command -v "$1-linux-gnu-gcc" || { [ "$(uname -m)" = "$1" ] && echo gcc; }; }
{
  echo '/** The program of a sandbox (pause/pause.c) for each machine that Docker calls so, in base64. Made by pause/build.sh. */'
  echo 'export const PAUSE_PROGRAMS: Readonly<Record<string, string>> = {'
  for machine in x86_64 aarch64; do
    $(compiler $machine) $flags -o "$work/pause" pause.c
    printf '  %s:\n' "$machine"
    printf "    '%s',\n" "$(base64 -w0 "$work/pause")"
  done
  echo '};'
} > "$work/programs.ts"
mv "$work/programs.ts" ../pause-programs.ts
