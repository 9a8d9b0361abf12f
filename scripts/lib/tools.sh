# Sourced: where this checkout is, and its tools in PATH.
# shellcheck shell=bash

ils_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

# Puts the tools in front of PATH: those of $ILS_BIN, those beside the script that calls, or those that were built here.
ils_find_tools() {
  local folder
  for folder in "${ILS_BIN:-}" "$(dirname "$(readlink -f "$0")")" "$ils_root/.build/release" "$ils_root/.build/debug"; do
    if [ -n "$folder" ] && [ -x "$folder/ils-parse" ]; then
      PATH=$folder:$PATH
      return
    fi
  done
  command -v ils-parse > /dev/null && return
  echo "${0##*/}: the tools are not built: scripts/quickstart builds them, or: swift build -c release" >&2
  exit 69
}

# Builds the tools in release form, the Swift runtime inside; quiet unless it fails.
ils_build() {
  local log
  log=$(mktemp)
  if ! (cd "$ils_root" && swift build -c release --static-swift-stdlib) > "$log" 2>&1; then
    cat "$log" >&2
    rm -f -- "$log"
    return 70
  fi
  rm -f -- "$log"
}
