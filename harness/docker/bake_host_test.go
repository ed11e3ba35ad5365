package docker

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/docker/docker/api/types/build"
	"github.com/google/go-cmp/cmp"
)

func TestHostNetwork(t *testing.T) {
	t.Parallel()
	file := func(text string) string {
		path := filepath.Join(t.TempDir(), "authorities.pem")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	const certificate = "-----BEGIN CERTIFICATE-----\n"
	tests := []struct {
		name        string
		set         map[string]string
		authorities string // empty: whatever the computer has
		arguments   map[string]string
		mode        string
	}{
		{"nothing set", nil, "", map[string]string{}, ""},
		{
			"an authority of the network's own", map[string]string{"SSL_CERT_FILE": file(certificate)},
			certificate, map[string]string{}, "",
		},
		{
			"the one that is set for Node", map[string]string{"SSL_CERT_FILE": "/no/such/file", "NODE_EXTRA_CA_CERTS": file(certificate + "node")},
			certificate + "node", map[string]string{}, "",
		},
		{
			"a private key stays here", map[string]string{"SSL_CERT_FILE": file(certificate + "-----BEGIN PRIVATE KEY-----\n"), "NODE_EXTRA_CA_CERTS": file(certificate + "next")},
			certificate + "next", map[string]string{}, "",
		},
		{
			"a proxy", map[string]string{"https_proxy": "http://proxy.school:3128", "NO_PROXY": "localhost"},
			"", map[string]string{"https_proxy": "http://proxy.school:3128", "NO_PROXY": "localhost"}, "",
		},
		{
			"a proxy on this computer is only found from its own network", map[string]string{"HTTP_PROXY": "127.0.0.1:3128"},
			"", map[string]string{"HTTP_PROXY": "127.0.0.1:3128"}, "host",
		},
		{
			"the same by name", map[string]string{"ALL_PROXY": "socks5://localhost:1080"},
			"", map[string]string{"ALL_PROXY": "socks5://localhost:1080"}, "host",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			n := hostNetwork(func(name string) string { return tt.set[name] })
			if tt.authorities != "" && string(n.authorities) != tt.authorities {
				t.Errorf("the authorities are %.80q", n.authorities)
			}
			parent := "base"
			options := build.ImageBuildOptions{BuildArgs: map[string]*string{"PARENT": &parent}}
			n.apply(&options)
			got := map[string]string{}
			for name, value := range options.BuildArgs {
				got[name] = *value
			}
			tt.arguments["PARENT"] = parent
			if diff := cmp.Diff(tt.arguments, got); diff != "" || options.NetworkMode != tt.mode {
				t.Errorf("mode %q, want %q; arguments:\n%s", options.NetworkMode, tt.mode, diff)
			}
		})
	}
}
