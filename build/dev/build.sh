#!/usr/bin/env bash
# make build: the three programs in build/bin.
. "$(dirname "$0")/lib.sh"

packages gcc libc6-dev ca-certificates git pkg-config libgtk-3-dev libwebkit2gtk-4.1-dev
go_toolchain
node_toolchain
frontend_bundle
agent_binary
command_line
window
ls -l "$BIN"
