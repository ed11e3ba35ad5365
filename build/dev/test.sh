#!/usr/bin/env bash
# make test: set-up, then every test there is, on real parts. A missing part fails; nothing is skipped.
. "$(dirname "$0")/lib.sh"

finish() {
	trap - EXIT INT TERM
	stop_docker_daemon
}
trap finish EXIT
trap 'exit 130' INT TERM

section() { printf '\n== %s\n' "$*"; }

section "Set-up"
packages gcc libc6-dev ca-certificates git procps postgresql pkg-config libgtk-3-dev libwebkit2gtk-4.1-dev \
	chromium xvfb xdotool imagemagick iproute2 util-linux
# Engines on other computers and in sandboxes are real, too.
ssh_server
packages openssh-client runsc
go_toolchain
node_toolchain
frontend_modules

section "Frontend"
npm run --prefix frontend lint
npm run --prefix frontend test
frontend_bundle

section "Build"
agent_binary
command_line
window
docker_daemon
images

section "Go"
unformatted=$(git ls-files '*.go' | grep -v '/gen/' | xargs gofmt -l)
[ -z "$unformatted" ] || stop "These files are not formatted: $unformatted" "Run gofmt -w on them."
# Only the window needs cgo; without it the build cache of carrel and carreld is used again.
export CGO_ENABLED=0
go vet ./...
# Two packages at a time: the tests start containers, databases and browsers of their own.
go test -p 2 -timeout 20m ./...

section "Browser and window"
ln -sfn ../frontend/node_modules e2e/node_modules
frontend/node_modules/.bin/playwright test --config e2e/browser/playwright.config.ts


say ""
say "All tests passed."
