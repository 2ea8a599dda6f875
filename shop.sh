#!/usr/bin/env bash
# The shop as a cluster: PostgreSQL and Redis of its own, two API nodes and the worker, until Ctrl-C.
#   ./shop.sh           starts it; what it wrote stays for the next time in a folder that it names
#   ./shop.sh --check   starts another one, drives the seven strategies across its nodes, removes it; exit status 0 or 1
#   ./shop.sh --clean   removes the folder
# Shop__DataAccess=EntityFrameworkCore starts it without tags and invalidations, and Shop__ChangeCapture=true lets it follow psql too.
# SHOP_POSTGRES and SHOP_REDIS take servers that are there already (connection strings); SHOP_DATA another folder; SHOP_POSTGRES_PORT,
# SHOP_REDIS_PORT and SHOP_PORT other ports than the first free ones.
# What runs over a given PostgreSQL writes into that database and leaves it there: the tables and, the first time, the products; --check
# also changes prices and a category, and deletes a product each time. Give --check one that may be spoiled.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source "$root/build/need.sh"

# compose.yaml has the same services, ports and names.
readonly postgres_port=5433 redis_port=6380 shop_port=8004
readonly postgres_user=shop_user postgres_database=shop_db postgres_password=shop
readonly redis_settings=(--save "" --appendonly no)
readonly services=(app:Shop app-2:Shop worker:Shop.Worker)

readonly patience=60 graceful=10   # seconds: until healthy; until a process that was asked to end is killed

fail() { echo "shop.sh: $1" >&2; exit 1; }

mode=${1:-run}
case $mode in
  run | --check | --clean) [[ $# -le 1 ]] || fail "it takes one option." ;;
  *) fail "it knows --check and --clean, and not '$mode'." ;;
esac

as_postgres() { if [[ $(id -u) -eq 0 ]]; then setpriv --reuid=postgres --regid=postgres --init-groups "$@"; else "$@"; fi; }

# --- The folder. One that user postgres cannot reach (a clone in /root) is of no use to root.

default_folder=$root/.shop
system_folder=/var/lib/unstale-shop

choose_folder() {
  data=${SHOP_DATA:-$default_folder}
  if [[ -z ${SHOP_DATA:-} && -z ${SHOP_POSTGRES:-} ]] && ! as_postgres test -x "$root"; then data=$system_folder; fi
  [[ $mode != --check ]] || data+=-check
  mkdir -p "$data" || fail "the folder $data cannot be made: name another with SHOP_DATA."
  data=$(cd "$data" && pwd)
  if [[ -z ${SHOP_POSTGRES:-} ]] && ! as_postgres test -x "$data"; then fail "user postgres cannot reach $data: name another folder with SHOP_DATA."; fi
  exec 9>"$data/shop.lock"
  flock -n 9 || fail "a shop runs in $data already: stop it, or name another folder with SHOP_DATA."
  mkdir -p "$data/logs" "$data/redis"
}

# Only a folder with the lock of a shop in it is removed, and none that a shop runs in.
clean() {
  local folder
  for folder in "$@"; do
    [[ -e $folder/shop.lock ]] || continue
    exec 8<"$folder/shop.lock"
    flock -n 8 || fail "a shop runs in $folder: stop it first."
    rm -rf "$folder"
    echo "Removed $folder."
  done
}

if [[ $mode == --clean ]]; then
  if [[ -n ${SHOP_DATA:-} ]]; then clean "$SHOP_DATA" "$SHOP_DATA-check"
  else clean "$default_folder" "$default_folder-check" "$system_folder" "$system_folder-check"; fi
  exit 0
fi

# --- Processes

pids=() names=()
stopped=

# Starts a program in the background under a name, which is also its log's. It ends with this script, however that ends: its session is
# its own, so that Ctrl-C ends nothing before its turn, and --pdeathsig is for a script that was killed.
start() {
  local name=$1
  shift
  (cd "$data" && exec setsid setpriv "$@") >"$data/logs/$name.log" 2>&1 </dev/null 9>&- &
  pids+=($!) names+=("$name")
}
leash=(--pdeathsig TERM)

# The last one started is the first to end.
stop_all() {
  local at pid
  [[ -z $stopped ]] || return 0
  stopped=yes
  trap '' INT TERM HUP
  for ((at = ${#pids[@]} - 1; at >= 0; at--)); do
    pid=${pids[at]}
    # INT lets PostgreSQL end without waiting for its clients.
    if [[ ${names[at]} == postgres ]]; then kill -INT "$pid" 2>/dev/null || true; else kill -TERM "$pid" 2>/dev/null || true; fi
    for ((waited = 0; waited < graceful * 10; waited++)); do kill -0 "$pid" 2>/dev/null || break; sleep 0.1; done
    kill -KILL "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
  done
}

# Fails when a process has ended, with the last that it said.
all_run() {
  local at
  for at in "${!pids[@]}"; do
    kill -0 "${pids[at]}" 2>/dev/null || { tail -n 3 "$data/logs/${names[at]}.log" >&2; fail "${names[at]} ended; its log is $data/logs/${names[at]}.log."; }
  done
}

# Waits until a command succeeds: wait_for WHAT SECONDS COMMAND...
wait_for() {
  local what=$1 until=$((SECONDS + $2))
  shift 2
  until "$@" >/dev/null 2>&1; do
    all_run
    [[ $SECONDS -lt $until ]] || fail "$what took too long; the logs are in $data/logs."
    sleep 0.1
  done
}

taken() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# Sets port: the given one, which must be free, or the first free one from the usual on.
choose_port() {
  local given=$1 usual=$2 setting=$3
  port=${given:-$usual}
  [[ $port =~ ^[0-9]{1,5}$ && $port -ge 1 && $port -le 65535 ]] || fail "$setting is not a port."
  if [[ -n $given ]] && taken "$port"; then fail "port $port is taken: choose another with $setting."; fi
  while taken "$port"; do port=$((port + 1)); done
}

# --- The servers

start_postgres() {
  if [[ ! -d $data/postgres ]]; then make_database; fi
  choose_port "${SHOP_POSTGRES_PORT:-}" "$postgres_port" SHOP_POSTGRES_PORT
  local user=()
  if [[ $(id -u) -eq 0 ]]; then user=(--reuid=postgres --regid=postgres --init-groups); fi
  start postgres "${leash[@]}" ${user[@]+"${user[@]}"} "$(program postgres)" -D "$data/postgres" -p "$port" -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c wal_level=logical
  wait_for "the start of PostgreSQL" "$patience" "$(program pg_isready)" -h 127.0.0.1 -p "$port"
  SHOP_POSTGRES="Host=127.0.0.1;Port=$port;Database=$postgres_database;Username=$postgres_user;Password=$postgres_password"
  psql_address="postgresql://$postgres_user:$postgres_password@127.0.0.1:$port/$postgres_database"
  postgres_says="127.0.0.1:$port (user $postgres_user, database $postgres_database; the password is in shop.sh)"
}

# Complete or not there: what was broken off is under another name.
make_database() {
  local new=$data/postgres.new log=$data/logs/initdb.log
  rm -rf "$new"
  mkdir "$new"
  (umask 077 && printf '%s\n' "$postgres_password" >"$data/password")
  if [[ $(id -u) -eq 0 ]]; then chown postgres "$new" "$data/password"; fi
  if ! (cd / && as_postgres "$(program initdb)" -D "$new" -U "$postgres_user" -A scram-sha-256 --pwfile "$data/password" -E UTF8 --locale=C \
      --no-instructions && echo "CREATE DATABASE $postgres_database" | as_postgres "$(program postgres)" --single -D "$new" postgres) >"$log" 2>&1; then
    tail -n 3 "$log" >&2
    fail "initdb failed; its log is $log."
  fi
  rm -f "$data/password"
  mv "$new" "$data/postgres"
}

start_redis() {
  choose_port "${SHOP_REDIS_PORT:-}" "$redis_port" SHOP_REDIS_PORT
  start redis "${leash[@]}" "$(program redis-server)" --port "$port" --bind 127.0.0.1 --dir "$data/redis" "${redis_settings[@]}"
  wait_for "the start of Redis" "$patience" "$(program redis-cli)" -h 127.0.0.1 -p "$port" ping
  SHOP_REDIS="127.0.0.1:$port"
  redis_says=$SHOP_REDIS
}

# --- The nodes

addresses=()
library() { echo "$root/samples/$1/bin/Release/net10.0/$1.dll"; }

build() {
  if [[ $mode == --check && -e $(library Shop) && -e $(library Shop.Worker) ]]; then return; fi
  echo "Building ..."
  DOTNET_CLI_USE_MSBUILD_SERVER=0 MSBUILDDISABLENODEREUSE=1 dotnet build "$root/samples/Shop.Worker" -c Release -v quiet -nologo >&2 9>&- ||
    fail "the shop does not build."
}

start_nodes() {
  local service next=$shop_port given=${SHOP_PORT:-}
  # Not in the arguments, where every user of the machine could read the password.
  export ConnectionStrings__Shop=$SHOP_POSTGRES ConnectionStrings__Redis=$SHOP_REDIS
  # In any other environment the nodes do not show what their caches hold.
  export ASPNETCORE_ENVIRONMENT=Development
  for service in "${services[@]}"; do
    choose_port "$given" "$next" SHOP_PORT
    next=$((port + 1)) given=
    addresses+=("http://127.0.0.1:$port")
    ASPNETCORE_URLS=http://127.0.0.1:$port start "${service%%:*}" "${leash[@]}" dotnet exec "$(library "${service#*:}")"
  done
  local at
  for at in "${!services[@]}"; do wait_for "the health of ${services[at]%%:*}" "$patience" healthy "${addresses[at]}"; done
}

healthy() { [[ $(curl -fs -m 5 "$1/health") == *'"status":"healthy"'* ]]; }

# --- The check

failures=0
get() { curl -s -m 5 -w '\n%{http_code}\n' "$1"; }
shows() { [[ $(get "$1") == *"$2"* ]]; }

# Says whether an address shows a text within two seconds of the write that brought it.
expect() {
  local what=$1 address=$2 text=$3 until=$(($(date +%s%N) + 2000000000))
  until shows "$address" "$text"; do
    if [[ $(date +%s%N) -ge $until ]]; then
      echo "failed  $what: $address did not show $text within 2 s"
      failures=$((failures + 1))
      return
    fi
    sleep 0.02
  done
  echo "ok      $what"
}

# write NODE METHOD PATH BODY
write() {
  curl -fs -m 10 -o "$data/answer" -X "$2" -H 'Content-Type: application/json' ${4:+-d "$4"} "$1$3" || fail "$2 $1$3 failed; the logs are in $data/logs."
}

# crosses WHAT READ-ADDRESS WRITE-ADDRESS WRITE-PATH: a price that was never there before, written on one node, is read on the other,
# which held the old one.
price=0
crosses() {
  price=$((price == 0 ? RANDOM + 1000 : price + 1))
  get "$2" >/dev/null
  shows "$2" '"cached":true' || { echo "failed  $1: $2 was not held after a read"; failures=$((failures + 1)); }
  write "$3" PUT "$4" "{\"price\":$price.25}"
  expect "$1" "$2" "\"price\":$price.25,"
}

# The last product that there is, for the strategy that deletes.
last_product() {
  for last in 11 10 9 8 6 5; do if shows "$1/products/explicit/$last" '"id"'; then return; fi; done
  fail "no product is left that could be deleted."
}

check() {
  local one=${addresses[0]} two=${addresses[1]} worker=${addresses[2]} last
  crosses "1 TTL" "$two/products/ttl/4" "$one" /products/writethrough/4
  last_product "$two"
  write "$one" DELETE "/products/explicit/$last" ""
  expect "2 explicit" "$two/products/explicit/$last" 404
  crosses "3 write-through" "$two/products/writethrough/4" "$one" /products/writethrough/4
  crosses "4 events" "$two/products/events/4" "$one" /products/events/4
  crosses "4 events, the worker" "$worker/cart/products/4" "$two" /products/events/4
  crosses "5 stale while revalidate" "$one/products/featured" "$two" /products/events/4
  get "$two/products/by-category/1" >/dev/null
  write "$one" PUT /categories/1 "{\"name\":\"Category $price\"}"
  expect "6 tags" "$two/products/by-category/1" "\"Category $price\""
  crosses "7 production" "$one/products/production/4" "$two" /products/production/4
  [[ $failures -eq 0 ]] || fail "$failures of the checks failed; the logs are in $data/logs."
}

say_what_to_try() {
  cat <<END

The shop is open. Ctrl-C stops it.
  node 1      ${addresses[0]}
  node 2      ${addresses[1]}
  worker      ${addresses[2]}/cart/products/4
  PostgreSQL  $postgres_says
  Redis       $redis_says
  data, logs  $data (./shop.sh --clean removes it)

Try:
  curl ${addresses[1]}/products/production/4
  curl -X PUT -H 'Content-Type: application/json' -d '{"price":29.95}' ${addresses[0]}/products/production/4
  curl ${addresses[1]}/products/production/4
  curl ${addresses[2]}/cart/products/4
END
  [[ ${Shop__ChangeCapture:-} != true || -z $psql_address ]] || echo "  psql $psql_address -c 'UPDATE products SET price_in_cents = 2995 WHERE id = 4'"
}

psql_address= postgres_says="given by SHOP_POSTGRES" redis_says="given by SHOP_REDIS"
for tool in curl dotnet flock setpriv setsid; do command -v "$tool" >/dev/null || fail "this needs '$tool' on the PATH."; done
[[ -n ${SHOP_POSTGRES:-} ]] || need initdb postgresql || exit 1
[[ -n ${SHOP_REDIS:-} ]] || need redis-server redis-server || exit 1
choose_folder
build
trap stop_all EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
[[ -n ${SHOP_POSTGRES:-} ]] || start_postgres
[[ -n ${SHOP_REDIS:-} ]] || start_redis
start_nodes
if [[ $mode == --check ]]; then
  check
  stop_all
  rm -rf "$data"
  echo "All seven strategies are true on every node."
  exit 0
fi
say_what_to_try
wait -n "${pids[@]}" || true
all_run
