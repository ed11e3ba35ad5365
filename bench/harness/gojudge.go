package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"github.com/carrel-dev/carrel/fault"
)

// goJudge is the go-judge server, built from its module and run on this computer's own programs. It
// keeps its containers between runs and empties their folders, as Carrel does.
type goJudge struct {
	url    string
	server *exec.Cmd
	folder string
}

// goJudgeTool is the file that pins go-judge's version.
const goJudgeTool = "build/tools/gojudge.mod"

// startGoJudge needs the Go toolchain, to be root, and the project's folder as working directory.
func startGoJudge(ctx context.Context, workers int) (*goJudge, error) {
	path, err := exec.CommandContext(ctx, "go", "tool", "-modfile="+goJudgeTool, "-n", "go-judge").Output()
	if err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "go-judge could not be built.", "Run this from the project's folder, with a connection.")
	}
	folder, err := os.MkdirTemp("", "carrel-bench-")
	if err != nil {
		return nil, fmt.Errorf("making folder: %w", err)
	}
	port, err := freePort(ctx)
	if err != nil {
		return nil, err
	}
	address := fmt.Sprintf("127.0.0.1:%d", port)
	server := exec.Command(strings.TrimSpace(string(path)), "-http-addr", address, "-mount-conf", "none", //nolint:noctx // ended by close
		"-parallelism", fmt.Sprint(workers), "-pre-fork", fmt.Sprint(workers), "-silent", "-release", "-dir", folder)
	server.Env = append(os.Environ(), "GIN_MODE=release")
	var said bytes.Buffer
	server.Stderr = &said
	if err := server.Start(); err != nil {
		return nil, fmt.Errorf("starting go-judge: %w", err)
	}
	g := &goJudge{url: "http://" + address, server: server, folder: folder}
	if err := g.await(ctx); err != nil {
		return nil, errors.Join(fault.Wrap(err, fault.Unavailable, "go-judge did not start.", "It needs root: "+said.String()), g.close())
	}
	return g, nil
}

func freePort(ctx context.Context) (int, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("looking for a free port: %w", err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().(*net.TCPAddr).Port, nil //nolint:forcetypeassert // of a TCP listener
}

const goJudgeStart = 10 * time.Second

func (g *goJudge) await(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, goJudgeStart)
	defer cancel()
	for {
		err := g.trivial(ctx, 0)
		if err == nil || ctx.Err() != nil {
			return err
		}
		select {
		case <-ctx.Done():
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func (g *goJudge) close() error {
	_ = g.server.Process.Signal(syscall.SIGTERM)
	err := g.server.Wait()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		err = nil // it was told to
	}
	return errors.Join(err, os.RemoveAll(g.folder))
}

func (*goJudge) name() string { return "go-judge v1.8.5" }

// check is not measured: go-judge runs the host's programs, not the image's.
func (*goJudge) check(context.Context, int) error { return errors.ErrUnsupported }

func (g *goJudge) trivial(ctx context.Context, _ int) error {
	type m = map[string]any
	body, err := json.Marshal(m{"cmd": []m{{
		"args": []string{"/bin/true"}, "env": []string{"PATH=/usr/bin:/bin"},
		"files":    []m{{"content": ""}, {"name": "stdout", "max": 10240}, {"name": "stderr", "max": 10240}},
		"cpuLimit": int64(time.Second), "clockLimit": int64(2 * time.Second), "memoryLimit": 512 << 20, "procLimit": 64,
	}}})
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, g.url+"/run", bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("asking go-judge: %w", err)
	}
	defer func() { _ = answer.Body.Close() }()
	data, err := io.ReadAll(answer.Body)
	if err != nil {
		return fmt.Errorf("reading go-judge's answer: %w", err)
	}
	var results []struct{ Status string }
	if err := json.Unmarshal(data, &results); err != nil || len(results) != 1 || results[0].Status != "Accepted" {
		return fmt.Errorf("go-judge answered %.200s: %w", data, err)
	}
	return nil
}
