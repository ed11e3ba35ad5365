package agent_test

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
	"google.golang.org/protobuf/proto"

	"github.com/carrel-dev/carrel/harness/agent/client"
	harnessv1 "github.com/carrel-dev/carrel/proto/gen/carrel/harness/v1"
)

// The tests run the real program as process 1 of namespaces of its own, which is what it is in a
// container; harness/docker runs it in containers. They need root, which the engine's tests need, too.

// inside makes the test program mount what a container has and become the agent: see TestMain.
const inside = "CARREL_TEST_INSIDE"

func TestMain(m *testing.M) {
	if program := os.Getenv(inside); program != "" {
		fmt.Fprintln(os.Stderr, "entering the namespaces:", enterNamespaces(program))
		os.Exit(1)
	}
	if filepath.Base(os.Args[0]) == "zygote" {
		os.Exit(zygote(os.Args[1:]))
	}
	code := m.Run()
	if file, err := program(); err == nil {
		_ = os.RemoveAll(filepath.Dir(file))
	}
	os.Exit(code)
}

// counters stand in for the cgroup, whose root has none of its own.
var counters = map[string]string{
	"memory/memory.oom_control": "oom_kill 0\n", "memory/memory.usage_in_bytes": "1000\n", "memory/memory.max_usage_in_bytes": "2000\n",
	"cpuacct/cpuacct.usage": "5000000\n", "pids/pids.current": "1\n", "pids/pids.events": "max 0\n",
}

const (
	box   = "/mnt" // what is mounted here is the container's own
	work  = box + "/work"
	house = box + "/home"
	tests = box + "/tests"
	bin   = box + "/bin"
)

func enterNamespaces(program string) error {
	mount := func(dir, kind, data string) error { return unix.Mount(kind, dir, kind, unix.MS_NOSUID, data) }
	err := errors.Join(
		unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""),
		mount("/proc", "proc", ""), mount(box, "tmpfs", "mode=0755"), os.MkdirAll(bin, 0o755),
	)
	if err != nil {
		return err
	}
	data, err := os.ReadFile(program) // before its folder is out of sight
	if err != nil {
		return err
	}
	agent := filepath.Join(bin, "agent")
	self, err := os.ReadFile("/proc/self/exe")
	err = errors.Join(err, os.WriteFile(agent, data, 0o755), os.Link(agent, filepath.Join(bin, "learner")), os.WriteFile(filepath.Join(bin, "zygote"), self, 0o755))
	for _, dir := range []string{"/run", "/sys/fs/cgroup"} {
		err = errors.Join(err, mount(dir, "tmpfs", "mode=0755"))
	}
	for _, dir := range []string{"/tmp", "/dev/shm"} {
		err = errors.Join(err, mount(dir, "tmpfs", "mode=1777"))
	}
	for _, dir := range []string{work, house, tests, "/run/carrel"} {
		err = errors.Join(err, os.Mkdir(dir, 0o755))
	}
	for name, text := range counters {
		file := filepath.Join("/sys/fs/cgroup", name)
		err = errors.Join(err, os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, []byte(text), 0o644))
	}
	if err != nil {
		return err
	}
	return syscall.Exec(agent, []string{agent}, []string{"GOMAXPROCS=2"})
}

// program builds the agent once.
var program = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "carrel-agent")
	if err != nil {
		return "", err
	}
	file := filepath.Join(dir, "agent")
	build := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", file, "./cmd/carrel-agent")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w\n%s", err, out)
	}
	return file, nil
})

// rig is an agent in namespaces of its own.
type rig struct {
	*client.Conn
	hello   *harnessv1.Hello
	welcome *harnessv1.Welcome
}

// firstUID is above the ids that anything else on this computer has.
const firstUID = 3_000_000

func start(t testing.TB) *rig {
	t.Helper()
	file, err := program()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = []string{inside + "=" + file}
	cmd.Stderr = t.Output()
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWPID | syscall.CLONE_NEWNS | syscall.CLONE_NEWIPC | syscall.CLONE_NEWNET, Pdeathsig: syscall.SIGKILL}
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	r := &rig{Conn: client.New(stdin), hello: &harnessv1.Hello{
		Uid: firstUID, HomeUid: firstUID + 1, TesterUid: firstUID + 2, WorkDir: work, HomeDir: house, TestsDir: tests,
	}}
	ended := make(chan struct{})
	go func() { defer close(ended); r.Run(stdout) }()
	t.Cleanup(func() {
		_ = stdin.Close()
		<-ended
		if err := cmd.Wait(); err != nil {
			t.Errorf("the agent ended with %v", err)
		}
	})
	if r.welcome, err = r.Hello(t.Context(), r.hello); err != nil {
		t.Fatal(err)
	}
	return r
}

// result is how a run ended and what it said.
type result struct {
	*harnessv1.Exit
	out, err, report string
	files            map[string]string
}

// run carries out a Run to its end.
func (r *rig) run(t testing.TB, run *harnessv1.Run) result {
	t.Helper()
	run = proto.CloneOf(run)
	if run.Limits == nil {
		run.Limits = &harnessv1.Limits{WallMs: 20_000, Processes: 50, OutputBytes: 1 << 20}
	}
	run.Env = slices.Concat([]string{"PATH=/usr/bin:/bin"}, run.Env)
	call, err := r.Start(&harnessv1.Command{Verb: &harnessv1.Command_Run{Run: run}})
	if err != nil {
		t.Fatal(err)
	}
	defer call.Close()
	var said [4]strings.Builder
	got := result{files: map[string]string{}}
	for {
		e, err := call.Next(t.Context())
		if err != nil {
			t.Fatalf("%q: %v", run.Argv, err)
		}
		switch kind := e.Kind.(type) {
		case *harnessv1.Event_Output:
			said[kind.Output.Stream].Write(kind.Output.Data)
		case *harnessv1.Event_File:
			if kind.File.Found {
				got.files[kind.File.Path] = string(kind.File.Data)
			}
		case *harnessv1.Event_Exit:
			got.Exit, got.out, got.err, got.report = kind.Exit, said[1].String(), said[2].String(), said[3].String()
			return got
		}
	}
}

// script is a check that is a shell script.
func script(text string) *harnessv1.Run {
	return &harnessv1.Run{Argv: []string{"bash", "-c", text}, Check: true}
}

// put sends the workspace or the tests, as pairs of path and text.
func (r *rig) put(t testing.TB, areTests bool, pairs ...string) {
	t.Helper()
	var archive bytes.Buffer
	w := tar.NewWriter(&archive)
	for i := 0; i+1 < len(pairs); i += 2 {
		h := &tar.Header{Typeflag: tar.TypeReg, Name: pairs[i], Mode: 0o644, Size: int64(len(pairs[i+1]))}
		if strings.HasPrefix(pairs[i+1], "#!") {
			h.Mode = 0o755
		}
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, pairs[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	r.do(t, &harnessv1.Command{Verb: &harnessv1.Command_Put{Put: &harnessv1.Put{Tar: archive.Bytes(), ReplaceAll: true, Tests: areTests}}})
}

// passes runs a check that is a shell script and has to end with 0.
func (r *rig) passes(t testing.TB, run *harnessv1.Run) result {
	t.Helper()
	got := r.run(t, run)
	if got.Code != 0 || got.LimitHit != "" {
		t.Errorf("%q ended with %v\n%s%s", run.Argv, got.Exit, got.out, got.err)
	}
	return got
}

// do carries out a command without a result.
func (r *rig) do(t testing.TB, c *harnessv1.Command) {
	t.Helper()
	if err := r.Do(t.Context(), c); err != nil {
		t.Fatal(err)
	}
}
