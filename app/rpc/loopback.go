package rpc

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"connectrpc.com/connect"

	"github.com/carrel-dev/carrel/fault"
)

// TokenHeader carries the loopback listener's token on every call.
const TokenHeader = "X-Carrel-Token" //nolint:gosec // the name of a header, no token

// Loopback serves the interface to browsers on this computer, and to nobody else: the listener is on
// 127.0.0.1, calls need the token, and pages of other sites are refused by Host and Origin. There is no
// CORS.
type Loopback struct {
	listener net.Listener
	token    string
	server   *http.Server
}

// ListenLoopback listens on a port of 127.0.0.1, a free one when port is 0. The token is new each time.
func ListenLoopback(ctx context.Context, port int, handler http.Handler) (*Loopback, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp4", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, fmt.Sprintf("Port %d of this computer is in use.", port),
			"Choose another port, or leave it out to get a free one.")
	}
	secret := make([]byte, 32)
	_, _ = rand.Read(secret) // never fails
	l := &Loopback{listener: listener, token: hex.EncodeToString(secret)}
	l.server = &http.Server{
		Handler:           l.guard(handler),
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    32 << 10,
	}
	return l, nil
}

// URL is the address to open at a page, such as "/". The token is in its fragment, which browsers never
// send anywhere.
func (l *Loopback) URL(page string) string {
	return "http://" + l.listener.Addr().String() + "/#token=" + l.token + strings.TrimSuffix(page, "/")
}

// Run serves until ctx ends and the requests then going on are answered. Close the Events before, or
// they wait out their time.
func (l *Loopback) Run(ctx context.Context) error {
	ended := make(chan error, 1)
	go func() { ended <- l.server.Serve(l.listener) }()
	select {
	case err := <-ended:
		return fmt.Errorf("serving on loopback: %w", err)
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	err := l.server.Shutdown(grace)
	if errors.Is(err, context.DeadlineExceeded) {
		err = l.server.Close()
	}
	<-ended //nolint:errcheck // it says that the server was closed, which we did
	return err
}

// guard lets through what comes from our own page.
func (l *Loopback) guard(next http.Handler) http.Handler {
	_, port, _ := net.SplitHostPort(l.listener.Addr().String())
	hosts := []string{"127.0.0.1:" + port, "localhost:" + port}
	refusals := connect.NewErrorWriter()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		origin := r.Header.Get("Origin")
		switch {
		case !slices.Contains(hosts, r.Host):
			// A foreign name that resolves to 127.0.0.1: DNS rebinding.
			http.Error(w, "unknown host", http.StatusMisdirectedRequest)
		case origin != "" && origin != "http://"+r.Host:
			http.Error(w, "unknown origin", http.StatusForbidden)
		case strings.HasPrefix(r.URL.Path, Prefix) && !l.knows(r):
			_ = refusals.Write(w, r, connect.NewError(connect.CodeUnauthenticated,
				errors.New("This page has an old address. Start Carrel again and open the address it shows.")))
		default:
			next.ServeHTTP(w, r)
		}
	})
}

func (l *Loopback) knows(r *http.Request) bool {
	return subtle.ConstantTimeCompare([]byte(r.Header.Get(TokenHeader)), []byte(l.token)) == 1
}
