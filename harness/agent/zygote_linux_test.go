package agent_test

import (
	"encoding/json"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	harnessv1 "github.com/carrel-dev/carrel/proto/gen/carrel/harness/v1"
)

// zygote is a language pack's interpreter for tests: it understands `zyg script`, which it gives to a
// shell with FORKED=1 in its environment, and misbehaves at the commands that name how. It cannot
// fork, so it starts the shell.
func zygote(args []string) int {
	file := os.NewFile(3, "agent")
	conn, err := net.FileConn(file)
	if err != nil {
		return 1
	}
	agent := conn.(*net.UnixConn)
	_ = file.Close()
	say := func(text string) { _, _ = agent.Write([]byte(text)) }
	if len(args) > 0 {
		say(args[0]) // not that it is ready
		time.Sleep(time.Hour)
	}
	say(`{"ready":true}`)
	for {
		buf, rights := make([]byte, 64<<10), make([]byte, 1024)
		n, oob, _, _, err := agent.ReadMsgUnix(buf, rights)
		if err != nil || n == 0 {
			return 0
		}
		var r struct {
			ID       uint64
			Argv     []string
			Env      []string
			Cwd      string
			UID, GID uint32
			FDs      []int
		}
		if json.Unmarshal(buf[:n], &r) != nil {
			return 1
		}
		messages, _ := unix.ParseSocketControlMessage(rights[:oob])
		fds, _ := unix.ParseUnixRights(&messages[0])
		id := `{"id":` + strconv.FormatUint(r.ID, 10)
		switch r.Argv[0] {
		case "zyg":
			cmd := exec.Cmd{Path: "/bin/bash", Args: []string{"bash", "-c", r.Argv[1]}, Env: append(r.Env, "FORKED=1"), Dir: r.Cwd}
			cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Credential: &syscall.Credential{Uid: r.UID, Gid: r.GID}}
			cmd.Stdin, cmd.Stdout, cmd.Stderr = os.NewFile(uintptr(fds[0]), ""), os.NewFile(uintptr(fds[1]), ""), os.NewFile(uintptr(fds[2]), "")
			if len(fds) > 3 {
				cmd.ExtraFiles = []*os.File{os.NewFile(uintptr(fds[3]), "")}
			}
			if cmd.Start() != nil {
				return 1
			}
			say(id + `,"pid":` + strconv.Itoa(cmd.Process.Pid) + `}`)
			if strings.Contains(r.Argv[1], "zygote dies") {
				return 0
			}
			go func() {
				_ = cmd.Wait()
				status := cmd.ProcessState.Sys().(syscall.WaitStatus)
				say(id + `,"status":` + strconv.Itoa(int(status)) + `,"utime_us":1,"stime_us":1,"maxrss_kb":1}`)
			}()
			cmd.Stdin.(*os.File).Close()
			cmd.Stdout.(*os.File).Close()
			cmd.Stderr.(*os.File).Close()
			for _, f := range cmd.ExtraFiles {
				_ = f.Close()
			}
		case "dies":
			return 0
		case "nonsense":
			say(`{"id":`)
		case "another":
			say(`{"id":12345,"pid":77}`)
		case "mute":
		default:
			say(id + `,"unsupported":"no program of mine"}`)
		}
		if r.Argv[0] != "zyg" {
			for _, fd := range fds {
				_ = unix.Close(fd)
			}
		}
	}
}

func TestZygote(t *testing.T) { //nolint:tparallel // one agent, one step after another
	t.Parallel()
	r := start(t)
	preload := func(t *testing.T) {
		t.Helper()
		r.do(t, &harnessv1.Command{Verb: &harnessv1.Command_Preload{Preload: &harnessv1.Preload{Argv: []string{bin + "/zygote"}}}})
	}
	forked := func(t *testing.T, check bool) {
		t.Helper()
		got := r.passes(t, &harnessv1.Run{Argv: []string{"zyg", "echo $FORKED; id -u; pwd"}, Check: check})
		want := "1\n3000001\n" + house + "\n"
		if check {
			want = "1\n3000000\n" + work + "\n"
		}
		if got.out != want {
			t.Errorf("it said %q, want %q", got.out, want)
		}
	}
	t.Run("without one, commands are started as ever", func(t *testing.T) { r.passes(t, script("exit 0")) })
	preload(t)
	t.Run("checks and programs are forked from it", func(t *testing.T) {
		forked(t, true)
		forked(t, false)
		got := r.run(t, &harnessv1.Run{Argv: []string{"zyg", "echo on 3 >&3; kill -SEGV $$"}, Check: true, ReportBytes: 100})
		if got.Code != -1 || got.Signal != int32(syscall.SIGSEGV) || got.report != "on 3\n" {
			t.Errorf("got %v, report %q", got.Exit, got.report)
		}
	})
	t.Run("what it does not understand is started as ever", func(t *testing.T) {
		for range 3 {
			r.passes(t, &harnessv1.Run{Argv: []string{"true"}, Check: true})
		}
		forked(t, true)
	})
	t.Run("limits hold, and what was forked is gone", func(t *testing.T) {
		got := r.run(t, &harnessv1.Run{Argv: []string{"zyg", "setsid -f sleep 1000; sleep 1000"}, Check: true, Limits: &harnessv1.Limits{WallMs: 200}})
		if got.LimitHit != "wall" {
			t.Errorf("got %v", got.Exit)
		}
		r.passes(t, script(alone))
		forked(t, true)
	})
	t.Run("its end does not end what it started", func(t *testing.T) {
		got := r.run(t, &harnessv1.Run{Argv: []string{"zyg", "sleep 0.3; echo zygote dies; exit 7"}, Check: true})
		if got.Code != 7 || got.out != "zygote dies\n" {
			t.Errorf("got %v, %q", got.Exit, got.out)
		}
		r.passes(t, script(alone))
	})
	for _, way := range []string{"dies", "nonsense", "another", "mute"} {
		t.Run("one that is lost at a launch is done without: "+way, func(t *testing.T) {
			preload(t)
			began := time.Now()
			got := r.run(t, &harnessv1.Run{Argv: []string{way}, Check: true})
			if got.Code != 127 || time.Since(began) > 15*time.Second {
				t.Errorf("got %v after %v", got.Exit, time.Since(began))
			}
			r.passes(t, script(alone))
		})
	}
	t.Run("one that is not ready is refused", func(t *testing.T) {
		r := start(t)
		err := r.Do(t.Context(), &harnessv1.Command{Verb: &harnessv1.Command_Preload{Preload: &harnessv1.Preload{Argv: []string{bin + "/zygote", "{}"}}}})
		if err == nil {
			t.Error("it was accepted")
		}
		r.passes(t, script("exit 0"))
	})
	t.Run("a new one is started in place of a lost one", func(t *testing.T) {
		preload(t)
		r.run(t, &harnessv1.Run{Argv: []string{"dies"}, Check: true})
		for range 200 { // it is started in the background
			got := r.run(t, &harnessv1.Run{Argv: []string{"zyg", "exit 3"}, Check: true})
			if got.Code == 3 {
				return
			}
		}
		t.Error("it never came")
	})
}
