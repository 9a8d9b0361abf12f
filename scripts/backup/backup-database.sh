#!/usr/bin/env bash
# backup-database.sh [--database URL] [--to FOLDER] [--keep N]: a backup of the whole database, and its checksum.
#
# Writes FOLDER/NAME-TIME.dump (pg_dump's custom format, compressed, of one snapshot) and NAME-TIME.dump.sha256, and prints
# the dump's path. Both appear under their names only once the dump is whole and can be listed; only their owner may read
# them, since they hold patient data. --keep removes all but the newest N backups of this database in FOLDER.
# Without --database: DATABASE_URL, else libpq's own environment. FOLDER is ./backups unless it is given.
# Needs PostgreSQL's client programs, of the server's version or later. Restore with restore-database.sh, and try that:
# restore-database.sh --test FILE.
set -euo pipefail
umask 077

fail() { # STATUS MESSAGE
  printf 'backup-database: %s\n' "$2" >&2
  exit "$1"
}
usage() { fail 64 'usage: backup-database.sh [--database URL] [--to FOLDER] [--keep N]'; }

url=${DATABASE_URL:-} folder=backups keep=0
while [ $# -gt 0 ]; do
  case $1 in
    -h | --help) awk 'NR > 1 { if (!/^#/) exit; sub(/^# ?/, ""); print }' "$0" && exit 0 ;;
    --database | --to | --keep) [ $# -gt 1 ] || usage ;;
    *) usage ;;
  esac
  case $1 in
    --database) url=$2 ;;
    --to) folder=$2 ;;
    --keep) keep=$2 ;;
  esac
  shift 2
done
[[ $keep =~ ^[0-9]{1,6}$ ]] || usage
command -v pg_dump > /dev/null || fail 69 'pg_dump is not there: apt-get install postgresql-client'

# shellcheck source=scripts/lib/connect.sh
. "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../lib/connect.sh"
ils_connect "$url" || exit 64
url=$ils_connection
case $folder in -*) folder=./$folder ;; esac

name=$(psql -XAtqc 'select current_database()' "$url") || fail 69 'the database is away: see --database'
case $name in *[!A-Za-z0-9._-]*) name=$(printf %s "$name" | tr -c 'A-Za-z0-9._-' _) ;; esac
mkdir -p -- "$folder" || fail 73 "cannot make $folder"
file=$folder/$name-$(date -u +%Y%m%dT%H%M%SZ).dump
[ ! -e "$file" ] || fail 73 "$file is there already"

trap 'rm -f -- "$file.part" "$file.sha256.part"' EXIT
trap 'exit 130' INT TERM
pg_dump --format=custom --file="$file.part" --dbname="$url" || fail 74 'the dump failed: nothing was kept'
pg_restore --list "$file.part" > /dev/null || fail 74 'the dump cannot be read: nothing was kept'
sync -- "$file.part"
(cd "$folder" && sha256sum -- "${file##*/}.part") | sed 's/\.part$//' > "$file.sha256.part"
sync -- "$file.sha256.part"
# The checksum first: a dump without one is not restored.
mv -- "$file.sha256.part" "$file.sha256"
mv -- "$file.part" "$file"

if [ "$keep" -gt 0 ]; then
  # Names sort by time. Another database's name may start with this one's.
  old=("$folder/$name"-[0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9]T[0-9][0-9][0-9][0-9][0-9][0-9]Z.dump)
  for ((i = 0; i < ${#old[@]} - keep; i++)); do rm -f -- "${old[i]}" "${old[i]}.sha256"; done
fi
printf '%s\n' "$file"
