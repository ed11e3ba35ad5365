# Shared by run.sh and test.sh: everything a fresh machine lacks, each part installed only when missing.
# Sourced, never run. Works as root and for a sudo user; says what it does before it does it.

set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
CACHE="$ROOT/build/.cache"
BIN="$ROOT/build/bin"
LOGS="$CACHE/logs"
GO_VERSION=1.26.8
NODE_VERSION=22.23.3
NPM_VERSION=11.21.2
mkdir -p "$CACHE" "$BIN" "$LOGS"
cd "$ROOT"

# A toolchain fetched by an earlier run comes first on the PATH.
export PATH="$CACHE/go/bin:$CACHE/node/bin:$PATH"
export GOFLAGS="${GOFLAGS:--buildvcs=false}"

say() { printf '%s\n' "$*"; }

# stop SENTENCE HINT: the one way to give up.
stop() {
	printf '\n%s\n%s\n' "$1" "$2" >&2
	exit 1
}

# step TITLE COMMAND...: runs a command with its output in a log, and shows that time passes. On a
# failure the end of the log is shown, because it names the cause.
step() {
	local title=$1 log started pid now shown=0 interval=15
	shift
	log="$LOGS/$(printf '%s' "$title" | tr -cs 'A-Za-z0-9' '-').log"
	started=$SECONDS
	"$@" >"$log" 2>&1 &
	pid=$!
	[ -t 1 ] && interval=1
	while kill -0 "$pid" 2>/dev/null; do
		now=$((SECONDS - started))
		if [ $((now - shown)) -ge "$interval" ] && [ "$now" -ge 2 ]; then
			shown=$now
			if [ -t 1 ]; then printf '\r  %s ... %d s ' "$title" "$now"; else say "  $title ... $now s"; fi
		fi
		sleep 0.2
	done
	if ! wait "$pid"; then
		[ -t 1 ] && printf '\n'
		tail -n 40 "$log" >&2
		stop "This step failed: $title." "The whole log is in ${log#"$ROOT"/}. Fix what it names and run the same command again."
	fi
	[ -t 1 ] && printf '\r'
	say "  $title: $((SECONDS - started)) s"
}

# as_root COMMAND...: directly for root, else by sudo.
as_root() {
	if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# need_debian: what set-up can install by itself is Debian's; elsewhere name what is missing.
need_debian() {
	command -v apt-get >/dev/null && return
	stop "Carrel's set-up installs packages on Debian and Ubuntu; this is another system, and these are missing: $*." \
		"Install Go $GO_VERSION, Node.js 20.19 or newer, Docker, PostgreSQL, and for the window GTK 3 and WebKitGTK 4.1 with their headers; then run the same command again."
}

package_installed() { dpkg-query -W -f '${Status}' "$1" 2>/dev/null | grep -q 'ok installed'; }

# packages NAME...: installs the Debian packages that are not there yet.
packages() {
	local missing=() p
	if command -v dpkg-query >/dev/null; then
		for p in "$@"; do package_installed "$p" || missing+=("$p"); done
	else
		missing=("$@")
	fi
	[ ${#missing[@]} -eq 0 ] && return
	need_debian "${missing[@]}"
	if [ "$(id -u)" != 0 ]; then
		command -v sudo >/dev/null || stop "These packages are missing: ${missing[*]}." "Run this as root, or install sudo, or install them yourself."
		say "Installing packages needs your password for sudo: ${missing[*]}"
		sudo -v
	fi
	# Debian's postgresql package would start a cluster of its own; Carrel only wants the programs.
	case " ${missing[*]} " in *" postgresql "*)
		if [ ! -e /etc/postgresql-common/createcluster.conf ]; then
			as_root mkdir -p /etc/postgresql-common
			echo 'create_main_cluster = false' | as_root tee /etc/postgresql-common/createcluster.conf >/dev/null
		fi
		;;
	esac
	step "Reading the package lists" as_root apt-get update -qq
	step "Installing ${#missing[@]} packages (${missing[*]:0:3} ...)" \
		as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends -o Dpkg::Options::=--force-confold "${missing[@]}"
}

# ssh_server installs sshd for the tests, which start one of their own on loopback; Debian's, which would
# open this computer to the network, stays off unless it was here before.
ssh_server() {
	package_installed openssh-server && return
	if [ ! -e /etc/ssh/sshd_config ]; then
		as_root mkdir -p /etc/ssh
		as_root touch /etc/ssh/sshd_not_to_be_run
	fi
	packages openssh-server
}

# version_at_least HAVE WANT
version_at_least() { [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n1)" = "$2" ]; }

go_ready() {
	local have
	command -v go >/dev/null || return 1
	have=$(GOTOOLCHAIN=local go env GOVERSION 2>/dev/null | sed 's/^go//; s/[^0-9.].*//') || return 1
	version_at_least "$have" 1.26
}

# go_toolchain: Debian's Go is too old for Carrel, but it can fetch the right one as a module, checked
# against the checksum database like any other.
go_toolchain() {
	go_ready && return
	command -v go >/dev/null || packages golang-go ca-certificates
	fetch_go() {
		local dir arch
		# Outside of this module, whose go.mod an old Go cannot read.
		cd "$(mktemp -d)"
		arch=$(go env GOARCH)
		GOTOOLCHAIN=local GOFLAGS='' go mod download "golang.org/toolchain@v0.0.1-go$GO_VERSION.linux-$arch"
		dir="$(go env GOMODCACHE)/golang.org/toolchain@v0.0.1-go$GO_VERSION.linux-$arch"
		# Modules carry no executable bits.
		rm -rf "$CACHE/go.new" "$CACHE/go"
		cp -r "$dir" "$CACHE/go.new"
		chmod -R u+w "$CACHE/go.new"
		find "$CACHE/go.new/bin" "$CACHE/go.new/pkg/tool" -type f -exec chmod +x {} +
		mv "$CACHE/go.new" "$CACHE/go"
	}
	step "Fetching Go $GO_VERSION" fetch_go
	hash -r
	go_ready || stop "Go $GO_VERSION could not be set up." "Install Go $GO_VERSION yourself and run the same command again."
}

node_ready() {
	local have
	command -v node >/dev/null && command -v npm >/dev/null || return 1
	have=$(node --version | sed 's/^v//')
	version_at_least "$have" 20.19.0 && version_at_least "$(npm --version 2>/dev/null)" 11.0.0
}

# node_toolchain: Debian's Node is too old for the frontend's tools; npm carries newer ones as packages.
node_toolchain() {
	node_ready && return
	command -v npm >/dev/null || packages nodejs npm ca-certificates
	fetch_node() {
		local arch=x64 dir="$CACHE/node.new"
		[ "$(uname -m)" = aarch64 ] && arch=arm64
		rm -rf "$dir" "$CACHE/node"
		mkdir -p "$dir/bin"
		npm install --prefix "$dir" --no-save --ignore-scripts --no-audit --no-fund \
			"node-linux-$arch@$NODE_VERSION" "npm@$NPM_VERSION"
		ln -s "../node_modules/node-linux-$arch/bin/node" "$dir/bin/node"
		ln -s ../node_modules/npm/bin/npm-cli.js "$dir/bin/npm"
		ln -s ../node_modules/npm/bin/npx-cli.js "$dir/bin/npx"
		chmod +x "$dir/node_modules/npm/bin/"*.js "$dir/node_modules/node-linux-$arch/bin/node"
		mv "$dir" "$CACHE/node"
	}
	step "Fetching Node.js $NODE_VERSION" fetch_node
	hash -r
	node_ready || stop "Node.js $NODE_VERSION could not be set up." "Install Node.js 20.19 or newer with npm 11 yourself and run the same command again."
}

docker_answers() { "$BIN/carrel" doctor --only docker >/dev/null 2>&1; }

# docker_daemon: starts dockerd when no engine answers; remembers the pid, so that what was started is
# also stopped. Needs build/bin/carrel, whose doctor knows every place an engine may listen.
DOCKERD_PID=
docker_daemon() {
	docker_answers && return
	if [ -S /var/run/docker.sock ] && [ "$(id -u)" != 0 ] && sudo test -S /var/run/docker.sock &&
		sudo "$BIN/carrel" doctor --only docker >/dev/null 2>&1; then
		say "Docker is running, but $(id -un) may not use it: granting access to its socket until it restarts."
		packages acl
		sudo setfacl -m "u:$(id -un):rw" /var/run/docker.sock
		docker_answers && return
	fi
	packages docker.io iptables ca-certificates procps
	docker_answers && return # The package may have started it.
	say "No Docker engine answers: starting one (its log is in ${LOGS#"$ROOT"/}/dockerd.log)."
	local pidfile="$CACHE/dockerd.pid" group
	group=$(id -gn)
	rm -f "$pidfile"
	as_root setsid dockerd --group "$group" --pidfile "$pidfile" >"$LOGS/dockerd.log" 2>&1 </dev/null &
	start_of_docker() {
		local i
		for i in $(seq 1 150); do
			docker_answers && return
			sleep 0.4
		done
		tail -n 20 "$LOGS/dockerd.log"
		return 1
	}
	step "Starting Docker" start_of_docker
	DOCKERD_PID=$(as_root cat "$pidfile")
}

# stop_docker_daemon ends the engine that docker_daemon started, and only that one.
stop_docker_daemon() {
	[ -n "$DOCKERD_PID" ] || return 0
	as_root kill "$DOCKERD_PID" 2>/dev/null || true
	local i
	for i in $(seq 1 100); do
		as_root kill -0 "$DOCKERD_PID" 2>/dev/null || break
		sleep 0.2
	done
	DOCKERD_PID=
}

# frontend_built: the bundle is newer than everything it is made from.
frontend_built() {
	[ -f frontend/dist/index.html ] &&
		[ -z "$(find frontend/src frontend/index.html frontend/package.json frontend/vite.config.ts -newer frontend/dist/index.html -print -quit)" ]
}

frontend_modules() {
	[ -f frontend/node_modules/.package-lock.json ] &&
		[ ! frontend/package-lock.json -nt frontend/node_modules/.package-lock.json ] && return
	# Not `npm ci`: it insists on the optional packages of every other platform, which not every
	# registry has. This takes the same versions from the lock file and leaves the file as it is.
	step "Installing the frontend's packages" npm install --prefix frontend --no-save --ignore-scripts --no-audit --no-fund
	touch frontend/node_modules/.package-lock.json
}

frontend_bundle() {
	frontend_built && return
	frontend_modules
	step "Building the frontend" npm run --prefix frontend build
}

agent_binary() { step "Building the agent" go generate ./harness/agent/binary; }

# Without cgo and with the tests' own flags, so that one build cache serves both.
command_line() {
	step "Building carrel and carreld" env CGO_ENABLED=0 go build -ldflags "-s -w -X main.version=$(version)" -o "$BIN/" ./app/cmd/carrel ./cloud/cmd/carreld
}

window() {
	step "Building the window" env CGO_ENABLED=1 go build -tags desktop,production,webkit2_41 -ldflags "-s -w -X main.version=$(version)" -o "$BIN/carrel-desktop" .
}

version() { git describe --tags --always --dirty 2>/dev/null || echo dev; }

# images [ARGUMENTS OF carrel images]: bakes what is missing. Without an image registry the base comes from Debian's own packages.
images() {
	"$BIN/carrel" images --missing "$@" >/dev/null 2>&1 && return
	command -v apt-get >/dev/null && packages mmdebstrap
	"$BIN/carrel" images "$@"
}
