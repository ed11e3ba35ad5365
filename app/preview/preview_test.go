package preview_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/carrel-dev/carrel/app/preview"
)

// inside stands for an environment in which a server listens.
type inside struct{ address string }

func (i inside) Dial(ctx context.Context, port uint16) (io.ReadWriteCloser, error) {
	if port != 8000 {
		return nil, errors.New("nothing answers")
	}
	return (&net.Dialer{}).DialContext(ctx, "tcp", i.address)
}

// outside serves a dialer on the loopback and returns its address.
func outside(t *testing.T, dialer preview.Dialer, port uint16) string {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- preview.Serve(ctx, listener, dialer, port) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return listener.Addr().String()
}

func TestServe(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body) // an empty one is seen below
		fmt.Fprintf(w, "%s %s %s", r.Method, r.URL.Path, body)
	}))
	t.Cleanup(server.Close)
	program := inside{server.Listener.Addr().String()}

	t.Run("requests reach the program and answers come back", func(t *testing.T) {
		t.Parallel()
		address := outside(t, program, 8000)
		for range 3 {
			answer, err := http.Get("http://" + address + "/hello")
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(answer.Body)
			if err != nil || string(body) != "GET /hello " {
				t.Errorf("got %q, %v", body, err)
			}
			_ = answer.Body.Close()
		}
	})
	t.Run("the end of a side is told to the other", func(t *testing.T) {
		t.Parallel()
		conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", outside(t, program, 8000))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = conn.Close() }()
		if _, err := io.WriteString(conn, "POST /form HTTP/1.0\r\nContent-Length: 2\r\n\r\nhi"); err != nil {
			t.Fatal(err)
		}
		if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
			t.Fatal(err)
		}
		if all, err := io.ReadAll(conn); err != nil || len(all) == 0 {
			t.Errorf("got %q, %v", all, err)
		}
	})
	t.Run("a connection nothing answers to is closed", func(t *testing.T) {
		t.Parallel()
		conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", outside(t, program, 9000))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = conn.Close() }()
		if _, err := conn.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
			t.Errorf("got %v", err)
		}
	})
}

// late is a program that begins to listen after some looks.
type late struct{ looks *atomic.Int32 }

func (l late) Dial(context.Context, uint16) (io.ReadWriteCloser, error) {
	if l.looks.Add(1) < 4 {
		return nil, errors.New("nothing answers")
	}
	conn, _ := net.Pipe()
	return conn, nil
}

func TestAwait(t *testing.T) {
	t.Parallel()
	t.Run("a program that takes its time", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			told := 0
			if err := preview.Await(t.Context(), late{new(atomic.Int32)}, 8000, func() { told++ }); err != nil || told != 1 {
				t.Errorf("told %d times, %v", told, err)
			}
		})
	})
	t.Run("a program that never listens", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context())
		err := preview.Await(ctx, inside{}, 1, cancel)
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	})
}
