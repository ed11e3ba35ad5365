package docker

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/docker/cli/cli/connhelper"
	"github.com/docker/docker/client"
)

// A line that has died without a word, by a pulled cable or a sleeping laptop, is noticed within
// deadAfter: the operating system's own keep-alive takes minutes to hours, in which a check would hang.
const (
	aliveIdle     = 3 * time.Second
	aliveInterval = 2 * time.Second
	aliveCount    = 3
	deadAfter     = aliveIdle + aliveCount*aliveInterval
)

// dial connects to an engine. It is the only way there for requests and attached streams alike, which
// is why TLS is done here: Docker's client would open streams with a dialer of its own.
type dial func(ctx context.Context, network, addr string) (net.Conn, error)

// open returns a client of the engine at an address, which it does not ask anything yet.
func (a address) open() (*client.Client, error) {
	scheme, _, _ := strings.Cut(a.host, "://")
	switch scheme {
	case "tcp":
		d, err := a.tcp()
		if err != nil {
			return nil, err
		}
		return clientOver(a.host, d)
	case "ssh":
		flags := []string{
			"-o", "BatchMode=yes", // nobody is there to type a password or yes
			"-o", fmt.Sprintf("ConnectTimeout=%d", int(connectTimeout.Seconds())),
			"-o", fmt.Sprintf("ServerAliveInterval=%d", int(aliveIdle.Seconds())),
			"-o", fmt.Sprintf("ServerAliveCountMax=%d", aliveCount-1),
		}
		if a.sshConfig != "" {
			flags = append(flags, "-F", a.sshConfig)
		}
		helper, err := connhelper.GetConnectionHelperWithSSHOpts(a.host, flags)
		if err != nil {
			return nil, err
		}
		return clientOver(helper.Host, helper.Dialer)
	default:
		return client.NewClientWithOpts(client.WithHost(a.host), client.WithAPIVersionNegotiation())
	}
}

// clientOver returns a client whose every connection is made by d.
func clientOver(host string, d dial) (*client.Client, error) {
	transport := &http.Transport{MaxIdleConns: 6, IdleConnTimeout: 30 * time.Second}
	api, err := client.NewClientWithOpts(
		client.WithHTTPClient(&http.Client{Transport: transport, CheckRedirect: client.CheckRedirect}),
		client.WithHost(host), client.WithDialContext(d), client.WithAPIVersionNegotiation(),
	)
	transport.Proxy = nil // which WithHost has set: engines are not behind the proxies of the web
	return api, err
}

func (a address) tcp() (dial, error) {
	dialer := &net.Dialer{
		Timeout:         connectTimeout,
		KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: aliveIdle, Interval: aliveInterval, Count: aliveCount},
		Control:         boundUnacknowledged,
	}
	u, err := url.Parse(a.host)
	if err != nil {
		return nil, fmt.Errorf("reading the address: %w", err)
	}
	if a.tls == (TLS{}) {
		return func(ctx context.Context, _, _ string) (net.Conn, error) {
			return dialer.DialContext(ctx, "tcp", u.Host)
		}, nil
	}
	config, err := a.tls.config(u.Hostname())
	if err != nil {
		return nil, err
	}
	secure := &tls.Dialer{NetDialer: dialer, Config: config}
	return func(ctx context.Context, _, _ string) (net.Conn, error) {
		return secure.DialContext(ctx, "tcp", u.Host)
	}, nil
}

// errExpired is our own certificate's state; the engine would only say that it does not like it.
var errExpired = errors.New("this computer's certificate for the engine has expired")

// filesError is about certificate files that cannot be used.
type filesError struct{ err error }

func (e *filesError) Error() string { return "reading certificates: " + e.err.Error() }
func (e *filesError) Unwrap() error { return e.err }

// config reads the files. The engine has to prove that it is the server it is taken for.
func (t TLS) config(server string) (*tls.Config, error) {
	ca, err := os.ReadFile(t.CA)
	if err != nil {
		return nil, &filesError{err}
	}
	own, err := tls.LoadX509KeyPair(t.Cert, t.Key)
	if err != nil {
		return nil, &filesError{err}
	}
	if time.Now().After(own.Leaf.NotAfter) {
		return nil, errExpired
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(ca) {
		return nil, &filesError{errors.New("no certificate in " + t.CA)}
	}
	return &tls.Config{RootCAs: roots, Certificates: []tls.Certificate{own}, ServerName: server, MinVersion: tls.VersionTLS12}, nil
}
