#!/usr/bin/env bash
# restore-database.sh [--database URL] [--replace] [--test] FILE: brings back what backup-database.sh saved.
#
# The checksum beside FILE (FILE.sha256) is verified first. All is restored in one transaction, or nothing.
#   --replace   the database is not empty: replace what the backup holds (other tables stay as they are)
#   --test      restore into a database of its own, check it, say how many rows each table has, and drop it again
# Without --database: DATABASE_URL, else libpq's own environment. Owners and grants are not restored: run scripts/roles.sql.
# Rows that were restored have lost the ids of the transactions that wrote them, by which ils-rollback tells what was
# edited since an import: jobs before the backup can be undone with ils-rollback --force only.
set -euo pipefail

fail() { # STATUS MESSAGE
  printf 'restore-database: %s\n' "$2" >&2
  exit "$1"
}
usage() { fail 64 'usage: restore-database.sh [--database URL] [--replace] [--test] FILE'; }

url=${DATABASE_URL:-} file='' replaces='' tests=''
while [ $# -gt 0 ]; do
  case $1 in
    -h | --help) awk 'NR > 1 { if (!/^#/) exit; sub(/^# ?/, ""); print }' "$0" && exit 0 ;;
    --database)
      [ $# -gt 1 ] || usage
      url=$2
      shift
      ;;
    --replace) replaces=yes ;;
    --test) tests=yes ;;
    --)
      if [ $# -ne 2 ] || [ -n "$file" ]; then usage; fi
      file=$2
      break
      ;;
    -*) usage ;;
    *)
      [ -z "$file" ] || usage
      file=$1
      ;;
  esac
  shift
done
if [ -z "$file" ] || [ "$replaces$tests" = yesyes ]; then usage; fi
case $file in -*) file=./$file ;; esac
[ -f "$file" ] || fail 66 "there is no file $file"
[ -f "$file.sha256" ] || fail 66 "its checksum $file.sha256 is not there: what cannot be verified is not restored"
command -v pg_restore > /dev/null || fail 69 'pg_restore is not there: apt-get install postgresql-client'

# shellcheck source=scripts/lib/connect.sh
. "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../lib/connect.sh"
ils_connect "$url" || exit 64
url=$ils_connection

[ "$(cut -d ' ' -f 1 -- "$file.sha256")" = "$(sha256sum < "$file" | cut -d ' ' -f 1)" ] ||
  fail 65 "$file is not what was saved: its checksum differs"

ask() { psql -XAtq -v ON_ERROR_STOP=1 -c "$1" "$2"; }
user_tables="from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.relkind in ('r', 'p')
  and n.nspname not like 'pg\\_%' and n.nspname <> 'information_schema'"
tables=$(ask "select count(*) $user_tables" "$url") || fail 69 'the database is away: see --database'

restore() { # URL OPTION ...
  local to=$1
  shift
  pg_restore --exit-on-error --single-transaction --no-owner --no-acl --dbname="$to" "$@" "$file" ||
    fail 74 'the restore failed: nothing was changed'
  # Another server counts transactions anew: an id of the old one could be that of an edit here.
  ask "do \$\$ begin if to_regclass('ils.batches') is not null then
    update ils.batches set xid = null, subxids = null; update ils.before_images set xid = null; delete from ils.restored; end if; end \$\$" "$to"
}
# The trail goes on behind what the backup holds of it, and says so.
note() {
  ask "do \$\$ begin if to_regclass('ils.audit') is not null then
    perform ils.append_seals('database restored', null, $(quoted "$(id -un)"), $(quoted "$(hostname)"),
      jsonb_build_object('sha256', '$(cut -c 1-64 -- "$file.sha256")')); end if; end \$\$" "$url"
}
quoted() { printf "'%s'" "${1//\'/\'\'}"; }

if [ -n "$tests" ]; then
  scratch=ils_restore_test_$$
  case $url in
    postgres*://*) to=$(printf '%s\n' "$url" | sed -E "s#^([a-z]+://[^/?]*)(/[^?]*)?#\1/$scratch#") ;;
    *) to="$url dbname=$scratch" ;;
  esac
  # shellcheck disable=SC2317 # the trap calls it
  drop() { ask "drop database if exists $scratch with (force)" "$url"; }
  trap drop EXIT
  trap 'exit 130' INT TERM
  ask "create database $scratch template template0" "$url" || fail 77 'may not make a database to test in'
  restore "$to"
  broken=$(ask "select case when to_regclass('ils.audit') is null then 0 end" "$to")
  [ -n "$broken" ] || broken=$(ask "select count(*) from (select hash <> ils.audit_hash(a) or previous <>
    coalesce(lag(hash) over (order by seq), '') as wrong from ils.audit a) e where wrong" "$to")
  [ "$broken" = 0 ] || fail 65 "the audit trail in $file is broken"
  ask "select format('%I.%I', n.nspname, c.relname) $user_tables order by 1" "$to" | while read -r table; do
    printf '%s\t%s\n' "$table" "$(ask "select count(*) from $table" "$to")"
  done
  exit 0
fi

if [ "$tables" -gt 0 ] && [ -z "$replaces" ]; then
  fail 65 "the database holds $tables tables: give an empty one, or --replace to replace what the backup holds"
fi
restore "$url" ${replaces:+--clean} ${replaces:+--if-exists}
note
