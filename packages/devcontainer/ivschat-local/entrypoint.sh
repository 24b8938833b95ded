#!/bin/sh
# Starts the emulator in the background when the container starts, and then what the container runs.
nohup ivschat-local > "${TMPDIR:-/tmp}/ivschat-local.log" 2>&1 < /dev/null &
exec "$@"
