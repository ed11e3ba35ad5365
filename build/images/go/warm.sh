# Compiles the helper and the standard library, so that a check compiles what the learner and the author
# wrote, no more. Runs once, while the image is made.
set -eu
export PATH=/usr/local/go/bin:$PATH CGO_ENABLED=0 GOTOOLCHAIN=local GOPROXY=off GOFLAGS=-buildvcs=false
share=/usr/local/share/carrel-go
mkdir -p $share

cd /fetch/carrel-go
printf 'module carrel-go\n\ngo 1.26\n' > go.mod
GOCACHE=/fetch/cache go build -trimpath -ldflags '-s -w' -o /usr/local/bin/carrel-go .
GOCACHE=/fetch/cache go build -trimpath -ldflags '-s -w' -o $share/test2json cmd/test2json

# What only those need who work on Go itself. The whole seconds survive the copy into the image, and with
# them the index that the go command makes of these folders.
rm -rf /usr/local/go/src/cmd
find /usr/local/go/src -name testdata -type d -prune -exec rm -rf {} +
find /usr/local/go/src -name '*_test.go' -delete
find /usr/local/go -exec touch -h -d '2026-01-01 00:00:00' {} +

export GOCACHE=$share/cache
go list -export -f '{{if .Export}}packagefile {{.ImportPath}}={{.Export}}{{end}}' std | grep . > $share/std.importcfg
# And what go test, go build and go vet look at beside it.
mkdir -p /fetch/warm && cd /fetch/warm
printf 'package warm\n' > warm.go
printf 'package warm\n\nimport "testing"\n\nfunc TestWarm(t *testing.T) {}\n' > warm_test.go
for minor in $(seq 17 26); do
	printf 'module warm\n\ngo 1.%s\n' "$minor" > go.mod
	printf '1.%s %s\n' "$minor" "$(go list -test -f '{{if eq .Name "main"}}{{.DefaultGODEBUG}}{{end}}' . | grep . || true)" >> $share/godebug
done
go test -vet=off -count=1 . > /dev/null
go build -o /dev/null . && go vet .
rm -f $share/cache/trim.txt $share/cache/testexpire.txt
