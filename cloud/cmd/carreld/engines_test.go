package main

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/carrel-dev/carrel/harness/docker"
)

func TestParseEngine(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, value string
		want        docker.Options
	}{
		{"a socket", "unix:///var/run/docker.sock", docker.Options{Host: "unix:///var/run/docker.sock"}},
		{"TLS and a runtime", "tcp://10.0.0.2:2376,certs=/c,runtime=runsc", docker.Options{
			Host: "tcp://10.0.0.2:2376", Runtime: "runsc", TLS: docker.TLS{CA: "/c/ca.pem", Cert: "/c/cert.pem", Key: "/c/key.pem"},
		}},
		{"SSH", "ssh://me@host,ssh-config=/c", docker.Options{Host: "ssh://me@host", SSHConfig: "/c"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := parseEngine(tt.value)
			if diff := cmp.Diff(tt.want, got, cmpopts.IgnoreUnexported(docker.Options{})); diff != "" || err != nil {
				t.Errorf("%v\n%s", err, diff)
			}
		})
	}
	for _, value := range []string{"", "10.0.0.2", "tcp://10.0.0.2:2376,certs", "tcp://10.0.0.2:2376,certs=", "tcp://h,colour=red"} {
		t.Run("not "+value, func(t *testing.T) {
			t.Parallel()
			if _, err := parseEngine(value); !errors.As(err, new(usageError)) {
				t.Errorf("got %v", err)
			}
		})
	}
}
