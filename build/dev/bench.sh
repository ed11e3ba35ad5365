#!/usr/bin/env bash
# make bench: every benchmark, each printing a table with its peers in the same run.
. "$(dirname "$0")/lib.sh"
trap stop_docker_daemon EXIT

packages gcc libc6-dev ca-certificates git procps pkg-config libgtk-3-dev libwebkit2gtk-4.1-dev xvfb postgresql
go_toolchain
node_toolchain
frontend_bundle
agent_binary
command_line
window
docker_daemon
images
go run ./bench/harness
go run ./bench/desktop
go run ./bench/forgery
go run ./bench/neighbour
go run ./bench/parity courses/first-steps
