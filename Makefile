# `make help` lists what there is; `make run` and `make test` do all set-up themselves.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help run test build lint bench soak generate images clean

help: ## List the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

run: ## Set up what is missing and open Carrel on the sample course
	@build/dev/run.sh

test: ## Set up what is missing and run every test
	@build/dev/test.sh

build: ## Build carrel, carreld and carrel-desktop into build/bin
	@build/dev/build.sh

lint: ## Static checks of Go, protos and frontend, and that generated code is up to date
	@build/dev/lint.sh

bench: ## Print the benchmarks, peers side by side
	@build/dev/bench.sh

soak: ## Kill, attack and fuzz for about an hour and a half
	@build/dev/soak.sh

generate: ## Regenerate code from the protos
	@build/dev/generate.sh

images: ## Bake the environments that lessons run in
	@build/dev/images.sh

clean: ## Remove what was built (environments and learners' work stay)
	rm -rf build/bin build/.cache frontend/dist/* frontend/node_modules
