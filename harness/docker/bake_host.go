package docker

import (
	"bytes"
	"maps"
	"net"
	"net/url"
	"os"
	"strings"

	"github.com/docker/docker/api/types/build"
)

// buildNetwork is how this computer reaches the internet, for builds that must do it the same way. A
// network that inspects TLS, as schools' do, is only passed with its own certificate authority, and
// many are only left through a proxy.
type buildNetwork struct {
	authorities []byte // PEM; empty where they are not found
	arguments   map[string]*string
	mode        string // the engine's network mode
}

// authorityFiles are the places where systems keep what they trust, after those that are set.
var authorityFiles = []string{
	"/etc/ssl/certs/ca-certificates.crt", // Debian, Alpine
	"/etc/pki/tls/certs/ca-bundle.crt",   // Fedora
	"/etc/ssl/ca-bundle.pem",             // openSUSE
	"/etc/ssl/cert.pem",                  // macOS, BSD
}

// hostNetwork reads the settings of this computer.
func hostNetwork(getenv func(string) string) buildNetwork {
	n := buildNetwork{arguments: map[string]*string{}}
	for _, file := range append([]string{getenv("SSL_CERT_FILE"), getenv("NODE_EXTRA_CA_CERTS")}, authorityFiles...) {
		if file == "" {
			continue
		}
		// A setting may name the private part, too; only certificates go to the engine.
		if data, err := os.ReadFile(file); err == nil && bytes.Contains(data, []byte("BEGIN CERTIFICATE")) && !bytes.Contains(data, []byte("PRIVATE KEY")) {
			n.authorities = data
			break
		}
	}
	for _, name := range []string{"HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY"} {
		for _, spelling := range []string{name, strings.ToLower(name)} {
			value := getenv(spelling)
			if value == "" {
				continue
			}
			// The engine knows these names: they are set for the build's commands and kept out of the image.
			n.arguments[spelling] = &value
			if name != "NO_PROXY" && onLoopback(value) {
				n.mode = "host" // from a network of its own the build would not find it
			}
		}
	}
	return n
}

func onLoopback(proxy string) bool {
	if !strings.Contains(proxy, "://") {
		proxy = "http://" + proxy
	}
	u, err := url.Parse(proxy)
	if err != nil {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
}

// apply lets a build use the network.
func (n buildNetwork) apply(o *build.ImageBuildOptions) {
	arguments := maps.Clone(n.arguments)
	maps.Copy(arguments, o.BuildArgs)
	o.BuildArgs = arguments
	o.NetworkMode = n.mode
}
