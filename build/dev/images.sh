#!/usr/bin/env bash
# make images: the environments, baked into the Docker engine that answers (one is started meanwhile
# when none does).
. "$(dirname "$0")/lib.sh"
trap stop_docker_daemon EXIT

packages gcc libc6-dev ca-certificates git
go_toolchain
agent_binary
command_line
docker_daemon
images
