#!/usr/bin/env bash
# make generate: Go and TypeScript from the protos, with the pinned plugins.
. "$(dirname "$0")/lib.sh"

go_toolchain
node_toolchain
frontend_modules
generate() {
	cd proto
	rm -rf gen ../frontend/src/gen
	../frontend/node_modules/.bin/buf generate
}
step "Generating code from the protos" generate
