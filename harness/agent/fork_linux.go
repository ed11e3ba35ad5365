package agent

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"

	harnessv1 "github.com/carrel-dev/carrel/proto/gen/carrel/harness/v1"
)

// ForkArgument makes the program the zygote of all commands that no language pack's zygote understands:
// see Fork.
const ForkArgument = "fork"

// mostForks is after how many commands the agent's own zygote is replaced: it uses CPU time itself, and
// it has the limit of those it starts.
const mostForks = 1000

// forks knows which limits the agent's own zygote has. The zero value knows of none yet.
type forks struct {
	mu     sync.Mutex
	limits *resourceLimits
	used   int
	misses int // in a row
}

// mostMisses is how many launches with other limits it takes to start the zygote anew.
const mostMisses = 3

// suit tells whether the agent's own zygote can give a command its limits.
func (f *forks) suit(a *Agent, l resourceLimits) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.limits == nil {
		f.limits = &l
	}
	if *f.limits == l {
		f.misses, f.used = 0, f.used+1
	} else if f.misses++; f.misses < mostMisses {
		return false
	}
	if f.used < mostForks && f.misses == 0 {
		return true
	}
	f.limits, f.used, f.misses = &l, 0, 0
	a.forker.retire(a)
	a.waiting.Go(func() { _ = a.startForker() })
	return false
}

// startForker starts the agent's own zygote. Without it commands are started in spare processes.
func (a *Agent) startForker() error {
	return a.forker.start(a, &harnessv1.Preload{Argv: []string{a.program, ForkArgument}, Env: []string{"GOMAXPROCS=2"}})
}

// forker is a zygote that understands every command. It cannot fork as an interpreter does, but it is
// already what a command has to be, so that the kernel's quickest way to start one is enough: it has
// the limits of the first launch, which its children inherit, and cannot give others.
type forker struct {
	conn   *net.UnixConn
	procs  *processes
	limits *resourceLimits
	mu     sync.Mutex // for answers
}

// Fork serves launches until there will be no more. It returns an exit code.
func Fork() int {
	// Privileges are given up on the thread that starts commands.
	runtime.LockOSThread()
	syscall.Umask(0o022)
	closeOnExec()
	file := os.NewFile(orderFD, "agent")
	conn, err := net.FileConn(file)
	if err != nil {
		return 3
	}
	socket, ok := conn.(*net.UnixConn)
	if !ok || errors.Join(file.Close(), unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), volunteer()) != nil {
		return 3
	}
	f := &forker{conn: socket, procs: newProcesses()}
	never := make(chan struct{})
	go f.procs.reap(never) // as long as the process lives
	f.say(map[string]any{"ready": true})
	for f.serve() == nil {
	}
	return 0
}

func (f *forker) say(answer map[string]any) {
	data, err := json.Marshal(answer)
	if err != nil {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	_, _ = f.conn.Write(data) // without an agent there is nobody to tell
}

// serve carries out one launch. An error says that there will be none any more.
func (f *forker) serve() error {
	buf, rights := make([]byte, maxRequestBytes), make([]byte, unix.CmsgSpace(maxFDs*4))
	n, oob, _, _, err := f.conn.ReadMsgUnix(buf, rights)
	if err != nil {
		return err
	}
	fds, err := parseRights(rights[:oob])
	defer func() {
		for _, fd := range fds {
			_ = unix.Close(fd)
		}
	}()
	if err != nil {
		return err
	}
	l, err := parseLaunch(buf[:n], len(fds))
	if err != nil {
		return err
	}
	c, err := f.start(l, fds)
	if err != nil {
		f.say(map[string]any{"id": l.ID, "unsupported": err.Error()})
		return nil
	}
	f.say(map[string]any{"id": l.ID, "pid": c.pid})
	go func() {
		<-c.done
		u := c.end.usage
		f.say(map[string]any{
			"id": l.ID, "status": uint32(c.end.status), "maxrss_kb": u.Maxrss,
			"utime_us": u.Utime.Nano() / 1000, "stime_us": u.Stime.Nano() / 1000,
		})
	}()
	return nil
}

// start starts a command. What it cannot, a spare process is asked for, which says why in the words of
// a shell.
func (f *forker) start(l launch, fds []int) (*child, error) {
	if f.limits == nil {
		if err := l.Limits.apply(); err != nil {
			return nil, err
		}
		f.limits = &l.Limits
	}
	if *f.limits != l.Limits {
		return nil, errors.New("other limits")
	}
	program, err := l.program()
	if err != nil {
		return nil, err
	}
	files := []uintptr{}
	for i, fd := range fds {
		for len(files) <= l.FDs[i] {
			files = append(files, ^uintptr(0))
		}
		files[l.FDs[i]] = uintptr(fd)
	}
	return f.procs.start(program, l.Argv, &syscall.ProcAttr{
		Dir: l.Cwd, Env: l.Env, Files: files,
		Sys: &syscall.SysProcAttr{Setsid: true, Credential: &syscall.Credential{Uid: uint32(l.UID), Gid: uint32(l.GID)}},
	})
}

// program finds the command's program as its user would.
func (l launch) program() (found string, err error) {
	err = l.UID.as(l.GID, func() (err error) {
		name := l.Argv[0]
		if strings.Contains(name, "/") {
			if !filepath.IsAbs(name) {
				name = filepath.Join(l.Cwd, name)
			}
			found, err = exec.LookPath(name)
			return err
		}
		found, err = lookUp(name, l.Env)
		return err
	})
	if err == nil && !filepath.IsAbs(found) {
		err = fmt.Errorf("%s is not an absolute path", found) // on a PATH with relative folders
	}
	return found, err
}
