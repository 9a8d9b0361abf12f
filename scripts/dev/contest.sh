# Sourced by scripts/bench: programs side by side in one run, one core, CPU seconds (the machine's other work does not count).
# The sourcing script sets: ils_root, repeat, cpu, size, ours, lines, require, peak_limit.
# shellcheck shell=bash disable=SC2154

# Makes a scratch folder, and a venv under .build/bench with the named PyPI packages, each once.
contest_begin() { # PACKAGE ...
  scratch=$(mktemp -d)
  trap 'rm -rf -- "$scratch"' EXIT
  python=$ils_root/.build/bench/venv/bin/python3
  mkdir -p "$ils_root/.build/bench"
  if [ ! -x "$python" ]; then python3 -m venv "$ils_root/.build/bench/venv"; fi
  local package
  for package in "$@"; do
    "$python" -m pip show -q "$package" > /dev/null 2>&1 || "$python" -m pip install -q "$package" ||
      echo "no PyPI, or no $package there: left out" >&2
  done
}

version() { "$python" -c 'import importlib.metadata as m, sys; print(m.version(sys.argv[1]))' "$1" 2> /dev/null; }

# Runs a program $repeat times on core $cpu, once it has shown that it writes $lines lines (any number, where that is empty).
contest() { # LABEL COMMAND ...
  local label=$1 written
  shift
  written=$({ "$@" 2> "$scratch/log" || true; } | wc -l)
  if [ -n "${lines:-}" ] && [ "$written" -lt "$lines" ]; then
    echo "$label: left out: $written lines for $lines; $(tail -n 1 "$scratch/log")"
    return
  fi
  POLARS_MAX_THREADS=1 "$ils_root/scripts/bench/measure" --repeat "$repeat" --label "$label" --to "$scratch/figures" -- \
    taskset -c "$cpu" "$@" > /dev/null 2> "$scratch/log"
}

# Prints MB of $size per CPU second, peak memory and the ratio to the best peer; $ours and the floor "cat" are no peers.
# Fails where the ratio is below $require, or the peak above $peak_limit MB.
contest_end() {
  printf '%s MB; %s\n' "$((size / 1000000))" "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)"
  awk -F '\t' -v size="$size" -v require="${require:-0}" -v limit="${peak_limit:-0}" -v ours="$ours" '
    { cpu = $3 + $4; rate[$1] = cpu ? size / cpu / 1e6 : 0; peak[$1] = $5; order[NR] = $1 }
    $1 != "cat" && index($1, ours) != 1 && rate[$1] > best { best = rate[$1] }
    END {
      for (i = 1; i <= NR; i++) {
        name = order[i]
        printf "%-28s %7.0f MB/s per CPU s  %6.1f MB peak", name, rate[name], peak[name]
        if (best) printf "  %6.2f of the best peer", rate[name] / best
        print ""
        if (index(name, ours) == 1 && best && rate[name] < require * best) { slow = 1 }
        if (index(name, ours) == 1 && limit && peak[name] > limit) { fat = 1 }
      }
      if (slow) print "slower than " require " times the best peer"
      if (fat) print "more than " limit " MB"
      exit slow || fat
    }' "$scratch/figures"
}
