# Sourced: small C programs of ours, compiled once, beside what else is built.
# shellcheck shell=bash

# Prints the path of the program that SOURCE.c makes.
ils_compiled() { # SOURCE.c
  local source=$1 name built program compiler
  name=$(basename "$source" .c)
  built=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)/.build/scripts
  program=$built/$name
  if [ ! -x "$program" ] || [ "$source" -nt "$program" ]; then
    compiler=${CC:-$(command -v clang || command -v cc)}
    if [ -z "$compiler" ]; then
      echo "$name: no C compiler (clang comes with Swift; or set CC)" >&2
      return 69
    fi
    mkdir -p "$built" &&
      "$compiler" -O2 -std=gnu11 -Wall -Wextra -Werror -o "$program.$$" "$source" &&
      mv -- "$program.$$" "$program" || return 70
  fi
  printf '%s\n' "$program"
}
