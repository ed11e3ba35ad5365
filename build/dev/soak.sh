#!/usr/bin/env bash
# make soak: what takes too long for every test run: thousands of checks while agents, containers and the
# engine are killed, every attack on a verdict, and an hour of fuzzing. Bounded; about an hour and a half.
. "$(dirname "$0")/lib.sh"
trap stop_docker_daemon EXIT

packages gcc libc6-dev ca-certificates git procps iproute2 util-linux
go_toolchain
agent_binary
command_line
docker_daemon
images
export CGO_ENABLED=0
go run ./bench/chaos -checks 10000 -kills 1000 -engine-kills 20
go run ./bench/forgery
go test ./harness/agent/frame -run '^$' -fuzz FuzzReader -fuzztime "${FUZZ_TIME:-60m}" -parallel 1
