# Sourced: where this checkout is, and its tools in PATH.
# shellcheck shell=bash

ils_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

# Sees to it that the tools are in PATH: those of $ILS_BIN, those in PATH already, or those that were built here.
ils_find_tools() {
  local folder
  if [ -z "${ILS_BIN:-}" ] && command -v ils-parse > /dev/null; then return; fi
  for folder in ${ILS_BIN:+"$ILS_BIN"} "$ils_root/.build/release" "$ils_root/.build/debug" \
    "$ils_root/../../bin"; do
    if [ -x "$folder/ils-parse" ]; then
      PATH=$(cd "$folder" && pwd):$PATH
      return
    fi
  done
  echo "${0##*/}: the tools are not built: scripts/quickstart builds them, or: swift build -c release" >&2
  exit 69
}

# How the tools are built that people get: the Swift runtime inside, and no library looked for where they happen to stand.
# shellcheck disable=SC2034
ils_release=(-c release --static-swift-stdlib --disable-local-rpath)

# Builds them; quiet unless it fails.
ils_build() {
  local log
  log=$(mktemp)
  if ! (cd "$ils_root" && swift build "${ils_release[@]}") > "$log" 2>&1; then
    cat "$log" >&2
    rm -f -- "$log"
    return 70
  fi
  rm -f -- "$log"
}

# Prints the folder of the public corpora, or nothing where they are not.
ils_corpora() {
  local folder
  for folder in "${ILS_CORPORA:-}" "$ils_root/../shared/corpora"; do
    if [ -n "$folder" ] && [ -d "$folder/files" ]; then
      echo "$folder"
      return
    fi
  done
}
