#!/usr/bin/env bash
# make run: from a fresh clone to a lesson in a window. Everything it starts ends with it.
. "$(dirname "$0")/lib.sh"

PORT=${CARREL_PORT:-7373}
CLOUD_PID=

finish() {
	trap - EXIT INT TERM
	if [ -n "$CLOUD_PID" ]; then
		kill "$CLOUD_PID" 2>/dev/null || true
		wait "$CLOUD_PID" 2>/dev/null || true
	fi
	stop_docker_daemon
}
trap finish EXIT
trap 'exit 130' INT TERM

has_display() { [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; }

say "Setting up Carrel"
packages gcc libc6-dev ca-certificates git procps postgresql
has_display && packages pkg-config libgtk-3-dev libwebkit2gtk-4.1-dev
go_toolchain
node_toolchain
frontend_bundle
agent_binary
command_line
has_display && window
docker_daemon
say "Environments"
images --courses

say "Starting the cloud service on this computer"
# In a session of its own: Ctrl+C is for the IDE, and the service is ended after it, once.
setsid "$BIN/carreld" serve --embedded --listen "127.0.0.1:$PORT" >"$LOGS/carreld.log" 2>&1 &
CLOUD_PID=$!
cloud_ready() {
	local i
	for i in $(seq 1 200); do
		grep -q 'is ready on' "$LOGS/carreld.log" && return
		kill -0 "$CLOUD_PID" 2>/dev/null || break
		sleep 0.1
	done
	tail -n 5 "$LOGS/carreld.log"
	return 1
}
step "Starting carreld" cloud_ready
export CARREL_SERVER="http://127.0.0.1:$PORT"

if has_display; then
	say "Opening the window. Close it to stop everything."
	"$BIN/carrel-desktop" first-steps/what-a-check-is
else
	say "There is no display here, so the same IDE is served on this computer. Press Ctrl+C to stop everything."
	"$BIN/carrel" serve first-steps/what-a-check-is
fi
