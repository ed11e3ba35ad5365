package docker

import (
	"context"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"path/filepath"
	"sync"
	"testing"

	"github.com/docker/docker/client"
)

// line is a way to the engine that can be cut: seen from our side, an engine that crashes and is
// started again.
type line struct {
	host string // as in Options.Host

	mu      sync.Mutex
	conns   map[net.Conn]struct{}
	refuses int               // how many of the next connections are refused
	fuse    int               // after how many more bytes everything is cut; 0 for never
	lose    func(string) bool // whether the answer to a request, as "POST /path", gets lost
}

func newLine(t *testing.T) *line {
	t.Helper()
	engine, err := net.ResolveUnixAddr("unix", "/var/run/docker.sock")
	if err != nil {
		t.Fatal(err)
	}
	socket := filepath.Join(t.TempDir(), "engine.sock")
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	l := &line{host: "unix://" + socket, conns: map[net.Conn]struct{}{}}
	transport := &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
		return net.DialUnix("unix", nil, engine)
	}}
	proxy := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: "engine"})
	proxy.Transport, proxy.FlushInterval = transport, -1
	proxy.ErrorHandler = func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) }
	proxy.ModifyResponse = func(answer *http.Response) error {
		if l.loses(answer.Request.Method + " " + answer.Request.URL.Path) {
			panic(http.ErrAbortHandler)
		}
		return nil
	}
	server := &http.Server{Handler: proxy}
	served := make(chan struct{})
	go func() { defer close(served); _ = server.Serve(lineListener{listener, l}) }()
	t.Cleanup(func() {
		l.cut(1 << 30)
		_ = server.Close()
		<-served
		transport.CloseIdleConnections()
	})
	return l
}

// cut ends every connection, and refuses the next ones, so many times.
func (l *line) cut(refuses int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.refuses = refuses
	l.cutLocked()
}

func (l *line) cutLocked() {
	l.fuse = 0
	for c := range l.conns {
		_ = c.Close()
	}
	clear(l.conns)
}

// mend lets every next connection through.
func (l *line) mend() { l.cutAfter(0) }

// cutAfter lets so many bytes through, in both directions together, and then cuts once.
func (l *line) cutAfter(bytes int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.refuses, l.fuse = 0, bytes
}

func (l *line) loses(request string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.lose != nil && l.lose(request)
}

// passed counts bytes against the fuse.
func (l *line) passed(bytes int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.fuse == 0 {
		return
	}
	if l.fuse -= bytes; l.fuse <= 0 {
		l.cutLocked()
	}
}

type lineListener struct {
	net.Listener
	line *line
}

func (l lineListener) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		l.line.mu.Lock()
		if l.line.refuses > 0 {
			l.line.refuses--
			l.line.mu.Unlock()
			_ = c.Close()
			continue
		}
		counted := lineConn{c, l.line}
		l.line.conns[c] = struct{}{}
		l.line.mu.Unlock()
		return counted, nil
	}
}

type lineConn struct {
	net.Conn
	line *line
}

func (c lineConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.line.passed(n)
	return n, err
}

func (c lineConn) Write(p []byte) (int, error) {
	c.line.passed(len(p)) // before, so that what blows the fuse does not arrive
	return c.Conn.Write(p)
}

// direct is a connection to the engine that no line's cut concerns.
func direct(t *testing.T) *client.Client {
	t.Helper()
	api, err := client.NewClientWithOpts(client.WithAPIVersionNegotiation())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = api.Close() })
	return api
}
