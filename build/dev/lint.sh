#!/usr/bin/env bash
# make lint: static checks, slower than the tests' own and run before a change is offered.
. "$(dirname "$0")/lib.sh"

go_toolchain
node_toolchain
frontend_modules
step "golangci-lint" go tool -modfile=build/tools/go.mod golangci-lint run ./...
step "buf lint" npm exec --prefix frontend -- buf lint proto
step "Frontend" npm run --prefix frontend lint
drift() {
	build/dev/generate.sh
	git diff --exit-code --stat -- proto/gen frontend/src/gen
}
step "Generated code is up to date" drift
