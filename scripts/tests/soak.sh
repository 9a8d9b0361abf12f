# Sourced by scripts/soak: the runs. Numbers come from RANDOM, seeded for each run.
# shellcheck shell=bash

here=${here:?}

# The inputs: patients with new, known, twice-named and bad ones; orders, some without their patient.
soak_input() { # FOLDER ROWS
  awk -v rows="$2" 'BEGIN {
    print "mrn,firstName,lastName,dateOfBirth,city,phone"
    for (n = 1; n <= rows; n++) {
      mrn = n % 10 == 0 ? "N" (n - 1) : n % 7 == 0 ? "old" (n % 300) : "N" n
      printf "%s,F%d,L%d,%s,%s,555-%04d\n", mrn, n, n % 90, n % 97 == 0 ? "1980-13-01" : "1980-01-02", "City " n % 50, n }
  }' > "$1/patients.csv"
  awk -v rows="$2" 'BEGIN {
    print "patientIdentifier,orderNumber,orderDate,testType"
    for (n = 1; n <= rows; n++)
      printf "%s,%s,2024-01-15,Eye Exam %d\n", n % 61 == 0 ? "nobody" n : "N" (n * 3) % rows, n % 53 == 0 ? "O" (n - 1) : "O" n, n
  }' > "$1/orders.csv"
  local entity
  for entity in patients orders; do
    ils-parse "$1/$entity.csv" --log-format json --manifest "$1/$entity.manifest" > "$1/$entity.ndjson" 2> "$1/log" || return
  done
  local half=$(($2 / 2 - $2 / 2 % 10))
  # Halves for two loaders: records that name one patient are in the same.
  head -n "$half" "$1/patients.ndjson" > "$1/first.ndjson"
  tail -n "+$((half + 1))" "$1/patients.ndjson" > "$1/second.ndjson"
}

# --- one worker: a server of its own, and each WORKERS-th run

soak_worker() { # WORKER WORKERS RUNS SEED FOLDER
  local worker=$1 workers=$2 runs=$3 seed=$4 input=$5 run
  set +e
  here_now=$PWD
  # How long each kind of work takes undisturbed, in microseconds.
  declare -A took=()
  # A record in the middle that is new, and of nobody else.
  middle=$((rows / 2))
  while [ $((middle % 7 * (middle % 10) * (middle % 53) * (middle % 61) * (middle % 97))) -eq 0 ]; do middle=$((middle + 1)); done
  work=$input/worker.$worker
  mkdir -p "$work/server"
  chmod 755 "$work"
  is_small=''
  # On a small disk of its own, where that can be had: so that it can be filled.
  if [ -z "$no_mount" ] && mount -t tmpfs -o size=320m,mode=755 ils-soak "$work/server" 2> /dev/null; then is_small=yes; fi
  export ILS_PG_DIR=$work/server/pg
  proxy='' child=''
  trap soak_end EXIT
  trap 'exit 130' INT TERM
  soak_start || { echo 'FAILED: the server does not start' && exit 1; }
  if ! soak_database before || ! soak_expect; then echo 'FAILED: the undisturbed run' && exit 1; fi
  for ((run = worker; run < runs; run += workers)); do
    RANDOM=$(((seed + run * 7919) % 32768))
    if soak_run "$run"; then result=passed; else result=failed; fi
    printf 'run\t%s\n' "$result" >> "$input/tally.$worker"
  done
}

soak_end() {
  [ -z "$proxy" ] || kill "$proxy" 2> /dev/null
  [ -z "$child" ] || kill -9 "$child" 2> /dev/null
  cd "$here_now" || true
  "$here/pg-local" destroy > /dev/null 2>&1
  [ -z "$is_small" ] || umount "$work/server" 2> /dev/null || umount -l "$work/server" 2> /dev/null
}

soak_start() {
  local turn
  for turn in 1 2 3 4 5 6 7 8 9 10; do
    if "$here/pg-local" start -c max_wal_size=64MB -c min_wal_size=32MB -c wal_recycle=off -c autovacuum=off \
      > "$work/start" 2>&1 && server=$("$here/pg-local" url 2> "$work/start") &&
      psql -XAtqc 'select 1' "$server" > /dev/null 2>&1; then return; fi
    sleep "0.$turn"
  done
  cat "$work/start"
  return 1
}

url_of() { printf '%s\n' "${server/\/ils\?/\/$1\?}"; }
ask() { psql -XAtq -v ON_ERROR_STOP=1 -c "$1" "$url"; }

# The state that each run starts from: rows that are known to nobody, and a job of some time ago.
soak_database() { # NAME
  url=$("$here/lib/database" "$1") || return
  # Only later jobs count: this one is of another entity, in the same table.
  cp -- "$here/../Sources/ILSData/entities/patients.json" "$work/earlier.json" || return
  ask "insert into patients (mrn, first_name, last_name, date_of_birth)
    select 'old' || n, 'F' || n, 'L', '1950-01-01' from generate_series(0, 299) n" &&
    sed -n 1,400p "$input/patients.ndjson" | sed 's/"mrn":"N/"mrn":"E/' |
    ils-load --schema "$work/earlier.json" --skip-duplicates --outcomes none --rejects "$work/x" --database "$url" > "$work/x.out" 2>&1
  [ $? -le 1 ]
}

# A fresh copy of that state: $url.
soak_copy() {
  psql -Xq -c 'drop database if exists run with (force)' -c 'create database run template before' "$server" > /dev/null 2>&1 ||
    return
  url=$(url_of run)
}

contents() { # all that does not change from run to run
  ask "select mrn, first_name, last_name, date_of_birth, city, phone, notes, import_job_id is null from patients
    order by mrn, first_name, last_name, city, phone"
  ask "select p.mrn, o.order_number, o.order_date, o.test_type, o.status, o.import_job_id is null
    from orders o left join patients p on p.id = o.patient_id order by o.order_number"
}
sums() { ask "select entity, status, rows, processed, inserted, updated, skipped, failed, rejected, dropped, parked,
  (select count(*) from ils.job_errors e where e.job_id = j.id), (select count(*) from ils.before_images b where b.job_id = j.id)
  from ils.jobs j where kind = 'load' and entity <> 'beside' order by entity, id"; }

# What undisturbed runs give, with and without orders, and how long they take.
soak_expect() {
  soak_copy && attempt patients none || return
  contents > "$work/expect.patients" && sums > "$work/sums.patients" && cp "$work/bad.patients" "$work/rejects.patients"
  took[shared]=${took[patients]}
  jq -c 'del(._file)' "$work/bad.patients" > "$work/rejects.shared"
  attempt orders none || return
  contents > "$work/expect.orders" && sums > "$work/sums.orders" && cp "$work/bad.orders" "$work/rejects.orders"
  attempt undo none
}

# --- one attempt at a load or an undo, with one fault

command_of() { # patients|shared|orders|undo URL RETRY; in $command, and in $beside what is run at the same time
  local entity=$1 job
  beside=()
  if [ "$1" = shared ]; then
    command=(ils-load patients --database "$2" --batch-size 60 --outcomes none --lock-timeout 600 --retry "$3" --update-existing --job "$shared")
    beside=("${command[@]}" --part first --rejects "$work/bad.first" "$input/first.ndjson")
    command+=(--part second --rejects "$work/bad.second" "$input/second.ndjson")
    return
  fi
  if [ "$1" = undo ]; then
    command=(ils-rollback --batch-size 120 --cascade "$(ask "select id from ils.jobs where kind = 'load' and entity = 'patients'
      order by started_at desc, id desc limit 1")" --database "$2")
    return
  fi
  # A job that the fault before left behind, or none where it had not been made.
  job=$(ask "select id from ils.jobs where kind = 'load' and entity = '$entity' and status <> 'completed'")
  command=(ils-load "$entity" "$input/$entity.ndjson" --database "$2" --manifest "$input/$entity.manifest"
    --batch-size 60 --outcomes none --lock-timeout 600 --retry "$3" --rejects "$work/bad.$entity")
  if [ "$entity" = patients ]; then command+=(--update-existing); else command+=(--skip-duplicates); fi
  [ -z "$job" ] || command+=(--resume "$job")
}

# Sleeps for a random part of how long the work takes, and tells whether it is still under way.
moment() {
  local span=${took[$work_kind]}
  printf -v span %07d $((span * RANDOM / 36000))
  sleep "${span%??????}.${span: -6}"
  kill -0 "$child" 2> /dev/null
}

attempt() { # patients|shared|orders|undo FAULT; its exit status in $status
  local target=$url retry=0 hit=missed limit=$((RANDOM % 6)) turn begun
  work_kind=$1
  case $2 in
    server | cut) [ $((RANDOM % 2)) -eq 0 ] || retry=20 ;;
  esac
  if [ "$2" = cut ]; then
    mkdir -p "$work/proxy"
    rm -f -- "$work/proxy/.s.PGSQL.5432"
    "$here/tests/cutting-proxy" "$work/proxy" "$(sed -E 's/.*host=([^&]*).*/\1/' <<< "$url")/.s.PGSQL.5432" $((RANDOM % 3 + 1)) \
      "$RANDOM" 400000 > /dev/null 2>> "$work/proxy.log" &
    proxy=$!
    for ((turn = 0; turn < 100; turn++)); do
      [ ! -S "$work/proxy/.s.PGSQL.5432" ] || break
      sleep 0.02
    done
    target=$(sed -E "s#host=[^&]*#host=$work/proxy#" <<< "$url")
  fi
  case $2 in poison | end) [ $((RANDOM % 3)) -eq 0 ] || retry=20 ;; esac
  command_of "$1" "$target" "$retry"
  trap_for "$1" "$2"
  local other=''
  if [ ${#beside[@]} -gt 0 ]; then
    "${beside[@]}" > /dev/null 2> "$work/err.beside" &
    other=$!
  fi
  if [ "$2" = quota ]; then
    (
      ulimit -f "$limit"
      exec "${command[@]}"
    ) > "$work/out" 2> "$work/err" &
  else
    "${command[@]}" > "$work/out" 2> "$work/err" &
  fi
  child=$!
  begun=${EPOCHREALTIME/./}
  case $2 in
    kill) moment && hit=hit && kill -9 "$child" ;;
    term) moment && hit=hit && kill "$child" ;;
    server) moment && hit=hit && "$here/pg-local" stop immediate > /dev/null 2>&1 ;;
    both) moment && hit=hit && kill -9 "$child" && "$here/pg-local" stop immediate > /dev/null 2>&1 ;;
    disk) moment && hit=hit && fill ;;
    deletes) [ "$1" != undo ] && replace_known && hit=hit ;;
    idle) moment && hit=hit && hold_known ;;
    jobs) load_beside && hit=hit ;;
  esac 2> /dev/null
  case $2 in server | both) soak_start ;; esac
  { wait "$child"; } 2> /dev/null
  status=$?
  child=''
  if [ -n "$other" ]; then
    { wait "$other"; } 2> /dev/null || { turn=$? && [ "$turn" -le "$status" ] || status=$turn; }
  fi
  [ "$2" != none ] || took[$1]=$((${EPOCHREALTIME/./} - begun))
  case $2 in
    disk) drain ;;
    cut)
      kill "$proxy" 2> /dev/null
      { wait "$proxy"; } 2> /dev/null
      proxy=''
      hit=hit
      ;;
    quota) [ "$status" -le 1 ] || hit=hit ;;
    poison | end) untrap && hit=hit ;;
    jobs) undo_beside ;;
  esac
  [ "$2" = none ] || printf '%s\t%s\t%s\n' "$1" "$2" "$hit" >> "$input/tally.$worker"
  [ "$status" -le 1 ]
}

# Leaves the server no room, until the command has ended.
fill() {
  local process
  if [ -n "$is_small" ]; then
    head -c 400M /dev/zero > "$work/server/filler" 2> /dev/null
  else
    # Its files may not grow beyond a block: what that is to a disk that is full, nothing can be appended.
    for process in $(ask 'select pid from pg_stat_activity where datname is not null and pid <> pg_backend_pid()'); do
      prlimit --pid "$process" --fsize=8192:unlimited 2> /dev/null
    done
  fi
}

# What ends its own server process, the first times that it is met: a record in the middle (poison), the end of a job (end).
trap_for() { # patients|shared|orders|undo FAULT
  local made
  case $2:$1 in
    poison:orders) made="insert on orders for each row when (new.order_number = 'O$middle')" ;;
    poison:undo) made="delete on patients for each row when (old.mrn = 'N$middle')" ;;
    poison:*) made="insert on patients for each row when (new.mrn = 'N$middle')" ;;
    end:*) made="update on ils.jobs for each row when (new.status = 'completed' and old.status <> 'completed')" ;;
    *) return ;;
  esac
  ask "create sequence soak.strikes;
    create function soak.strike() returns trigger language plpgsql as \$\$ begin
      if nextval('soak.strikes') <= $((RANDOM % 2 + 1)) then
        perform pg_terminate_backend(pg_backend_pid());
        perform pg_sleep(60);
      end if;
      return case when tg_op = 'DELETE' then old else new end;
    end \$\$;
    create trigger strike before $made execute function soak.strike()"
}

# Takes that away again, and tells whether it was met.
untrap() {
  local met
  met=$(ask 'select is_called from soak.strikes')
  ask 'drop function soak.strike() cascade; drop sequence soak.strikes' > /dev/null 2>&1
  [ "$met" = t ]
}

# A user deletes known patients and enters them again, as long as the command is at work; whether any were there.
replace_known() {
  local turn=$((RANDOM % 7)) done=1
  while kill -0 "$child" 2> /dev/null; do
    turn=$(((turn + 7) % 300))
    ask "set lock_timeout = '5s'; do \$\$ declare r patients; begin
        delete from patients where mrn = 'old$turn' returning * into r;
        if r.id is null then return; end if;
        insert into patients select r.*;
        insert into soak.touched values (r.id);
      end \$\$" > /dev/null 2>&1 && done=0
  done
  return "$done"
}

# A user who is idle in a transaction holds rows that the command is to write, for two seconds.
hold_known() {
  psql -XAtq -c 'begin' -c "select 1 from patients where mrn in ('old7', 'N$middle', 'N1') for update" \
    -c 'select pg_sleep(2)' -c 'rollback' "$url" > /dev/null 2>&1
}

# Another job loads other people meanwhile.
load_beside() {
  cp -- "$here/../Sources/ILSData/entities/patients.json" "$work/beside.json" &&
    sed -n 1,300p "$input/patients.ndjson" | sed -E 's/"mrn":"[a-z]*/&B/; s/"lastName":"/&B/' |
    ils-load --schema "$work/beside.json" --skip-duplicates --batch-size 50 --outcomes none --rejects "$work/x" \
      --database "$url" > "$work/beside.out" 2>&1
  [ $? -le 1 ]
}

undo_beside() {
  local job
  for job in $(ask "select id from ils.jobs where kind = 'load' and entity = 'beside' and status <> 'rolled back'"); do
    ils-rollback "$job" --database "$url" > "$work/x.out" 2>&1 || wrong "the job beside cannot be undone"
  done
}

drain() {
  rm -f -- "$work/server/filler"
  soak_start
}

faults=(kill kill server server both cut cut disk quota term deletes idle poison end jobs)

# Works until it is done, disturbed up to three times.
disturbed() { # patients|shared|orders|undo
  local turn count=$((RANDOM % 3 + 1)) fault
  for ((turn = 0; turn < count; turn++)); do
    fault=${faults[RANDOM % ${#faults[@]}]}
    # Whom a user deletes and enters again, an undo has nothing to do with.
    [ "$1:$fault" != undo:deletes ] || fault=jobs
    attempt "$1" "$fault"
    if is_done "$1" && { [ "$1" != shared ] || [ "$status" -le 1 ]; }; then
      same_rejects "$1"
      return
    fi
    # What it must say of a fault: never that all is done, nor that the data, the usage or the settings are wrong.
    case $status in
      0 | 1 | 6[456] | 7[078])
        if [ "$fault$status" = disk65 ]; then continue; fi
        wrong "$1 ended with $status under $fault, but the job has not"
        return
        ;;
    esac
  done
  # What was killed may still be at work in the server.
  for ((turn = 0; turn < 60; turn++)); do
    attempt "$1" none
    [ "$status" -eq 75 ] || break
  done
  [ "$status" -le 1 ] || { wrong "$1 ended with $status, undisturbed"; return 1; }
  is_done "$1" || { wrong "$1 is not done"; return 1; }
  same_rejects "$1"
}

without_rows() { jq -c 'del(.errors[].rows) | .errors[].message |= sub(" [(]row [^)]*[)]$"; "")' "$1"; }

same_rejects() {
  # The halves are other files.
  if [ "$1" = shared ]; then jq -c 'del(._file)' "$work/bad.first" "$work/bad.second" > "$work/bad.shared"; fi
  # Ids of rows are made anew each time: a reject that names them has others.
  [ "$1" = undo ] || cmp -s <(without_rows "$work/bad.$1") <(without_rows "$work/rejects.$1") || wrong "the rejects of $1 are not those of an undisturbed run"
}

is_done() {
  if [ "$1" = undo ]; then
    [ "$(ask "select count(*) filter (where kind = 'load' and status <> 'rolled back' and started_at > (select since from soak.began)),
      count(*) filter (where kind = 'rollback' and status <> 'completed') from ils.jobs")" = '0|0' ]
  elif [ "$1" = shared ]; then
    [ "$(ask "select count(*) from ils.parts where job_id = '$shared' and ended_at is not null")" = 2 ]
  else
    [ "$(ask "select status from ils.jobs where kind = 'load' and entity = '$1' order by started_at desc, id desc limit 1")" = completed ] &&
      [ "$(ask "select count(*) from ils.jobs where kind = 'load' and entity = '$1' and status <> 'completed'")" = 0 ]
  fi
}

# --- one run

wrong() {
  printf 'FAILED: run %s: %s\n' "$run" "$1"
  { head -c 2000 "$work/err" && printf '%s\n' "${command[*]}"; } | sed 's/^/  /'
  false
}

dump() { pg_dump --data-only --inserts -t patients -t orders "$url" | grep '^INSERT' | LC_ALL=C sort; }

soak_run() { # RUN
  local last=patients head
  soak_copy || { wrong 'no copy'; return 1; }
  dump > "$work/before"
  ask "create schema soak; create table soak.began as select clock_timestamp() as since; create table soak.touched (id uuid)"
  head=$(ask 'select hash from ils.audit order by seq desc limit 1')
  if [ $((run % 4)) -eq 2 ]; then
    shared=$(cat /proc/sys/kernel/random/uuid)
    disturbed shared || return
    ils-jobs close --manifest "$input/patients.manifest" "$shared" --database "$url" > "$work/out" 2> "$work/err"
    [ $? -le 1 ] || { wrong 'the shared job cannot be closed'; return 1; }
  else
    disturbed patients || return
  fi
  if [ $((run % 2)) -eq 1 ]; then
    disturbed orders || return
    last=orders
  fi
  contents | cmp -s - "$work/expect.$last" || { wrong 'the tables are not those of an undisturbed run'; return 1; }
  [ "$(sums)" = "$(cat "$work/sums.$last")" ] || { wrong "sums: $(sums)"; return 1; }
  ils-jobs audit --verify --head "$head" --database "$url" > "$work/out" 2> "$work/err" || { wrong 'the audit trail'; return 1; }
  undo_edited
}

# Edits that touch no timestamp, of rows of the job, of rows that it updated, and of others; then the rollback.
undo_edited() {
  ask "update patients set notes = 'by hand' where id in (select id from patients order by md5(id::text || '$RANDOM') limit $((RANDOM % 40)))
    or id in (select id from soak.touched)"
  dump > "$work/loaded"
  head=$(ask 'select hash from ils.audit order by seq desc limit 1')
  disturbed undo || return
  dump > "$work/after"
  # Edited rows, and rows that orders which were edited point at, as they were edited; all others as before the load.
  grep -F "'by hand'" "$work/loaded" > "$work/edited"
  grep -oE "VALUES \('[0-9a-f-]{36}'" "$work/edited" > "$work/ids"
  { cat "$work/edited" && grep -v -F -f "$work/ids" "$work/before"; } | LC_ALL=C sort | cmp -s - "$work/after" ||
    { wrong 'after the rollback, the rows are not those before the load and the edits'; return 1; }
  ils-jobs audit --verify --head "$head" --database "$url" > "$work/out" 2> "$work/err" || { wrong 'the audit trail'; return 1; }
}
