package docker

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/docker/docker/client"

	"github.com/carrel-dev/carrel/fault"
)

// TLS names the files that a remote engine and this computer know each other by.
type TLS struct {
	// CA is the certificate of the authority that issued the engine's.
	CA string
	// Cert and Key are this computer's own, which the engine asks for.
	Cert, Key string
}

// TLSIn returns the files of a folder, by the names Docker's own tools use.
func TLSIn(folder string) TLS {
	return TLS{CA: filepath.Join(folder, "ca.pem"), Cert: filepath.Join(folder, "cert.pem"), Key: filepath.Join(folder, "key.pem")}
}

// address is where an engine may be, and how to get there.
type address struct {
	host      string // as in DOCKER_HOST
	tls       TLS    // zero without TLS
	sshConfig string // a file in place of the person's own configuration of ssh
}

// remote tells whether another computer is meant.
func (a address) remote() bool {
	return strings.HasPrefix(a.host, "ssh://") || strings.HasPrefix(a.host, "tcp://") && !a.loopback()
}

func (a address) loopback() bool {
	u, err := url.Parse(a.host)
	if err != nil {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
}

// validate refuses what must not even be tried.
func (a address) validate() *fault.Error {
	scheme, _, _ := strings.Cut(a.host, "://")
	switch scheme {
	case "unix", "npipe", "ssh":
		return nil
	case "tcp":
		if a.tls == (TLS{}) && !a.loopback() {
			return fault.New(fault.Denied, fmt.Sprintf("The Docker engine at %s would be used without encryption, and whoever is on the way could take over its computer.", a.host),
				"Give it certificates and name them (DOCKER_CERT_PATH), or use an address that starts with ssh://.")
		}
		return nil
	default:
		return fault.New(fault.Invalid, fmt.Sprintf("Carrel does not understand the Docker address %q.", a.host),
			"Use one that starts with unix://, tcp:// or ssh://.")
	}
}

// addresses lists the places to try, in the order in which Docker's own tools do.
func (o Options) addresses() []address {
	if o.Host != "" {
		return []address{{host: o.Host, tls: o.TLS, sshConfig: o.SSHConfig}}
	}
	if host := os.Getenv("DOCKER_HOST"); host != "" {
		a := address{host: host, sshConfig: o.SSHConfig}
		switch folder := os.Getenv("DOCKER_CERT_PATH"); {
		case folder != "":
			a.tls = TLSIn(folder)
		case os.Getenv("DOCKER_TLS_VERIFY") != "":
			if home, err := os.UserHomeDir(); err == nil {
				a.tls = TLSIn(filepath.Join(home, ".docker"))
			}
		}
		return []address{a}
	}
	var list []address
	home, err := os.UserHomeDir()
	if err == nil {
		if a, ok := fromContext(filepath.Join(home, ".docker")); ok {
			a.sshConfig = o.SSHConfig
			list = append(list, a)
		}
	}
	if runtime.GOOS == "windows" {
		return append(list, address{host: client.DefaultDockerHost})
	}
	sockets := []string{"/var/run/docker.sock"}
	if home != "" {
		sockets = append(sockets, filepath.Join(home, ".docker/run/docker.sock"), filepath.Join(home, ".colima/default/docker.sock"),
			filepath.Join(home, ".local/share/containers/podman/machine/podman.sock"))
	}
	if run := os.Getenv("XDG_RUNTIME_DIR"); run != "" {
		sockets = append(sockets, filepath.Join(run, "docker.sock"), filepath.Join(run, "podman/podman.sock"))
	}
	for _, path := range append(sockets, "/run/podman/podman.sock") {
		if info, err := os.Stat(path); err == nil && info.Mode()&os.ModeSocket != 0 { //nolint:gosec // the places Docker's own tools use
			list = append(list, address{host: "unix://" + path})
		}
	}
	return list
}

// fromContext returns the address of the context chosen with `docker context use`; ok is false when
// there is none or its file says nothing we understand.
func fromContext(folder string) (a address, ok bool) {
	var config struct{ CurrentContext string }
	name := os.Getenv("DOCKER_CONTEXT")
	if name == "" {
		if !readJSON(filepath.Join(folder, "config.json"), &config) {
			return address{}, false
		}
		name = config.CurrentContext
	}
	if name == "" || name == "default" {
		return address{}, false
	}
	sum := sha256.Sum256([]byte(name))
	id := hex.EncodeToString(sum[:])
	var meta struct {
		Endpoints struct {
			Docker struct{ Host string } `json:"docker"`
		}
	}
	if !readJSON(filepath.Join(folder, "contexts", "meta", id, "meta.json"), &meta) || meta.Endpoints.Docker.Host == "" {
		return address{}, false
	}
	a = address{host: meta.Endpoints.Docker.Host}
	files := TLSIn(filepath.Join(folder, "contexts", "tls", id, "docker"))
	if _, err := os.Stat(files.CA); err == nil {
		a.tls = files
	}
	return a, true
}

func readJSON(path string, into any) bool {
	data, err := os.ReadFile(path) //nolint:gosec // as above
	return err == nil && json.Unmarshal(data, into) == nil
}
