#!/usr/bin/env bash
# Installs ivschat-local, starts it in the background, and tells the following steps of the workflow about it. The
# emulator's settings are its environment variables. action.yml has the inputs.
set -euo pipefail

# Paths of Windows and of Git's bash differ.
case $(uname -s) in
  MINGW* | MSYS*) unix=(cygpath --unix) native=(cygpath --windows) ;;
  *) unix=(echo) native=(echo) ;;
esac
dir=$(mktemp -d "$("${unix[@]}" "$RUNNER_TEMP")/ivschat-local.XXXXXX")
log=$dir/log

program=${PROGRAM:-}
if [ -z "$program" ]; then
  PREFIX=$dir sh "$(dirname "$0")/../devcontainer/ivschat-local/install.sh"
  program=$dir/bin/ivschat-local
fi
program=$("${unix[@]}" "$program")
program=$(cd "$(dirname "$program")" && pwd)/$(basename "$program")

# The variables of the emulator's settings are also those of ivschat-local env.
export IVSCHAT_DATA=${IVSCHAT_DATA:-$("${native[@]}" "$dir/data")}
: > "$dir/ready" # the program may start after the first look
nohup "$program" serve --log-format json > "$dir/ready" 2> "$log" < /dev/null &
process=$!
echo "$process" > "$dir/pid"
attempts=0
until grep -q '"msg":"Ready."' "$dir/ready"; do
  attempts=$((attempts + 1))
  if ! kill -0 "$process" 2>/dev/null || [ "$attempts" -gt 600 ]; then
    # A runner shows one line, and decodes it.
    problem=$(tail -n 5 "$log" | tr -d '\r' | sed 's/%/%25/g' | awk '{ printf "%s%s", end, $0; end = "%0A" }')
    echo "::error title=ivschat-local::The emulator did not start: $problem"
    exit 1
  fi
  sleep 0.1
done

# variable NAME VALUE prints a variable for GITHUB_ENV. Its lines stay together, so that none is another variable.
delimiter=ivschat_local_$$_$RANDOM$RANDOM
variable() { printf '%s<<%s\n%s\n%s\n' "$1" "$delimiter" "$2" "$delimiter"; }

# member NAME prints a member of the line that the emulator has written.
member() { sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p" "$dir/ready"; }

variables=$("$program" env --listen "$(member address)")
eval "$variables"
{
  echo "endpoint=$AWS_ENDPOINT_URL_IVSCHAT"
  echo "messaging-url=$IVSCHAT_MESSAGING_URL"
  echo "admin-url=$(member admin)"
  echo "log=$("${native[@]}" "$log")"
} >> "$GITHUB_OUTPUT"
if [ "${EXPORT_VARIABLES:-true}" != false ]; then
  variable IVSCHAT_DATA "$IVSCHAT_DATA"
  while IFS=' =' read -r export name _; do # export NAME='value'
    if [ "$export" = export ]; then variable "$name" "${!name-}"; fi # and not another line of a value
  done <<< "$variables"
fi >> "$GITHUB_ENV"
"${native[@]}" "$(dirname "$program")" >> "$GITHUB_PATH"
echo "The emulator is at $AWS_ENDPOINT_URL_IVSCHAT, its console at $(member console)"
