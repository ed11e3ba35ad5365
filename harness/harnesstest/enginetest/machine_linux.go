package enginetest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Machine is a computer with a Docker engine on it, which is reached over TCP with TLS.
type Machine struct {
	// Host is the engine's address, and Socket that of its socket, as in DOCKER_HOST.
	Host, Socket string
	// CA, Cert and Key are the certificates to reach it with.
	CA, Cert, Key string

	place place
	lock  *os.File

	mu    sync.Mutex
	power io.Closer     // the standard input of its first process
	off   chan struct{} // closed when its last process is gone
}

// Boot starts a machine whose engine has these images of this computer's engine, and ends it with the
// test. Its disk stays for the next one, because copying images takes longer than most tests.
func Boot(t testing.TB, images ...string) *Machine {
	t.Helper()
	m := &Machine{}
	t.Cleanup(func() {
		m.Cut(t)
		if m.lock != nil {
			m.route(context.WithoutCancel(t.Context()), "del")
			_ = m.lock.Close() // and with it the lock
		}
	})
	if err := m.claim(t); err != nil {
		t.Fatalf("finding a place for a machine: %v", err)
	}
	m.Power(t)
	if err := m.copyImages(t.Context(), images); err != nil {
		t.Fatal(err)
	}
	return m
}

// place is what belongs to one machine on the real computer.
type place struct {
	number int
	dir    string // its disk
}

func (p place) link() string       { return fmt.Sprintf("carreltest%d", p.number) }
func (p place) cgroup() string     { return fmt.Sprintf("carreltest%d", p.number) }
func (p place) near() string       { return fmt.Sprintf("198.18.%d.1", p.number) } // a range for tests of networks
func (p place) far() string        { return fmt.Sprintf("198.18.%d.2", p.number) }
func (p place) socket() string     { return filepath.Join(p.dir, "docker.sock") }
func (p place) log() string        { return filepath.Join(p.dir, "log") }
func (p place) certs() string      { return filepath.Join(p.dir, "certificates") }
func (p place) data() string       { return filepath.Join(p.dir, "data") }
func (p place) in(n string) string { return filepath.Join(p.dir, n) }

const maxMachines = 16

// claim takes the first place nobody uses. A lock ends with its process, however that ends.
func (m *Machine) claim(t testing.TB) error {
	root, err := cache()
	if err != nil {
		return err
	}
	for n := 1; n <= maxMachines; n++ {
		p := place{number: n, dir: filepath.Join(root, fmt.Sprint(n))}
		if err := os.MkdirAll(p.dir, 0o750); err != nil {
			return err
		}
		lock, err := os.OpenFile(p.in("lock"), os.O_CREATE|os.O_RDWR|syscall.O_CLOEXEC, 0o600)
		if err != nil {
			return err
		}
		err = syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if errors.Is(err, syscall.EWOULDBLOCK) {
			_ = lock.Close()
			continue
		}
		if err != nil {
			return err
		}
		m.place, m.lock = p, lock
		m.Host, m.Socket = "tcp://"+p.far()+":2376", "unix://"+p.socket()
		m.CA, m.Cert, m.Key = p.in("certificates/ca.pem"), p.in("certificates/cert.pem"), p.in("certificates/key.pem")
		a := NewAuthority(t)
		a.Issue(t, p.certs(), "server", Certificate{Addresses: []string{p.far()}})
		a.Issue(t, p.certs(), "", Certificate{})
		return os.WriteFile(p.in("daemon.json"), []byte(runtimes), 0o600)
	}
	return fmt.Errorf("all %d places are taken", maxMachines)
}

// runtimes is what the engine knows beside its own. gVisor's own cgroups need a delegation that the
// engine does not give.
const runtimes = `{"runtimes": {"runsc": {"path": "/usr/bin/runsc",
	"runtimeArgs": ["--platform=ptrace", "--network=none", "--ignore-cgroups"]}}}`

// cache is the module's own folder for what may be thrown away.
func cache() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for dir != filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			build, err := filepath.EvalSymlinks(filepath.Join(dir, "build")) // engines refuse links on the way to their disk
			return filepath.Join(build, ".cache/enginetest"), err
		}
		dir = filepath.Dir(dir)
	}
	return "", errors.New("no go.mod above the working folder")
}

// first is process 1 of the machine. It ends, and with it everything else, when its engine does or its
// standard input, which the test holds: a killed test leaves no engine.
const first = `set -e
mount --make-rprivate /
mount -t proc proc /proc
exec 3<&0
"$@" </dev/null &
engine=$!
{ cat <&3 >/dev/null; kill -KILL $engine; } &
wait $engine`

// network is run before it, where the test's process can still be named.
const network = `set -e
near=$1 link=$2 far=$3 owner=$4; shift 4
echo $$ >"$owner"
ip link set lo up
for i in $(seq 100); do ip link add eth0 type veth peer name $link netns $near && break; sleep 0.1; done
ip addr add $far/30 dev eth0
ip link set eth0 up
exec unshare --pid --fork --kill-child -- sh -c "$0" first "$@"`

// Power starts the machine, at first and after Cut.
func (m *Machine) Power(t testing.TB) {
	t.Helper()
	p := m.place
	m.tidy()
	// Process ids start over with the machine: files of before would name the wrong processes.
	for _, old := range []string{p.in("run"), p.in("pid"), p.socket()} {
		if out, err := asRoot(t.Context(), "rm", "-rf", old).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	log, err := os.Create(p.log())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = log.Close() }()
	argv := []string{"unshare", "--net", "--mount", "--", "sh", "-c", network, first, fmt.Sprint(os.Getpid()), p.link(), p.far(), p.in("owner"),
		"dockerd", "--storage-driver", "overlay2", "--bridge", "none", "--iptables=false", "--ip-forward=false", "--ip-masq=false",
		"--data-root", p.data(), "--exec-root", p.in("run"), "--pidfile", p.in("pid"), "--config-file", p.in("daemon.json"),
		"--cgroup-parent", "/" + p.cgroup(), "--shutdown-timeout", "1", "-H", m.Socket, "-H", m.Host,
		"--tlsverify", "--tlscacert", m.CA, "--tlscert", p.in("certificates/server-cert.pem"), "--tlskey", p.in("certificates/server-key.pem")}
	command := asRoot(context.WithoutCancel(t.Context()), argv...)
	command.Stdout, command.Stderr = log, log
	power, err := command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatalf("starting a machine: %v", err)
	}
	off := make(chan struct{})
	go func() {
		defer close(off)
		_ = command.Wait() // it is killed, always
	}()
	m.mu.Lock()
	m.power, m.off = power, off
	m.mu.Unlock()
	if err := m.boot(t.Context(), off); err != nil {
		said, _ := os.ReadFile(p.log())
		t.Fatalf("the machine's engine did not start: %v\n%s", err, said[max(0, len(said)-4000):])
	}
}

// boot waits until the engine answers over the network.
func (m *Machine) boot(ctx context.Context, off <-chan struct{}) error {
	ctx, cancel := context.WithTimeout(ctx, bootTimeout)
	defer cancel()
	tick := time.NewTicker(pollInterval)
	defer tick.Stop()
	for plugged := false; ; {
		select {
		case <-off:
			return errors.New("it has ended")
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-tick.C:
		}
		if !plugged {
			if asRoot(ctx, "ip", "link", "set", m.place.link(), "up").Run() != nil {
				continue
			}
			m.route(ctx, "replace")
			if out, err := asRoot(ctx, "ip", "addr", "add", m.place.near()+"/30", "dev", m.place.link()).CombinedOutput(); err != nil {
				return fmt.Errorf("%w: %s", err, out)
			}
			plugged = true
		}
		if m.docker(ctx, "version").Run() == nil {
			return nil
		}
	}
}

// Cut pulls the machine's plug: everything on it ends at once. It may be called twice.
func (m *Machine) Cut(t testing.TB) {
	t.Helper()
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.power == nil {
		return
	}
	_ = m.power.Close()
	m.power = nil
	select {
	case <-m.off:
	case <-time.After(bootTimeout):
		t.Error("a machine did not go off")
	}
	m.tidy()
}

// route keeps what is meant for a machine that is off from being answered by whoever else is reached
// by the default route.
func (m *Machine) route(ctx context.Context, do string) {
	_ = asRoot(ctx, "ip", "route", do, "unreachable", fmt.Sprintf("198.18.%d.0/24", m.place.number), "metric", "4000").Run()
}

// Silence makes the machine deaf: what is sent to it arrives nowhere, and nobody is told.
func (m *Machine) Silence(t testing.TB) {
	t.Helper()
	m.configure(t, "del")
}

// Sound ends Silence.
func (m *Machine) Sound(t testing.TB) {
	t.Helper()
	m.configure(t, "add")
}

// configure takes the machine's own address from it, or gives it back.
func (m *Machine) configure(t testing.TB, do string) {
	t.Helper()
	owner, err := os.ReadFile(m.place.in("owner"))
	if err != nil {
		t.Fatal(err)
	}
	out, err := asRoot(t.Context(), "nsenter", "--net", "--target", strings.TrimSpace(string(owner)), "ip", "addr", do, m.place.far()+"/30", "dev", "eth0").CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
}

// tidy removes what a machine leaves on the real computer: empty cgroups, and a cable whose other end
// the kernel takes its time to remove.
func (m *Machine) tidy() {
	found, _ := filepath.Glob("/sys/fs/cgroup/*/" + m.place.cgroup())
	for _, dir := range append(found, "/sys/fs/cgroup/"+m.place.cgroup()) {
		_ = asRoot(context.Background(), "find", dir, "-depth", "-type", "d", "-exec", "rmdir", "{}", ";").Run() //nolint:forbidigo // tidying up outlives the test
	}
	_ = asRoot(context.Background(), "ip", "link", "del", m.place.link()).Run() //nolint:forbidigo // as above
}

// docker is Docker's command line for the machine.
func (m *Machine) docker(ctx context.Context, args ...string) *exec.Cmd {
	return command(ctx, append([]string{"docker", "--host", m.Host, "--tlsverify", "--tlscacert", m.CA, "--tlscert", m.Cert, "--tlskey", m.Key}, args...)...)
}

// copyImages makes the machine's images equal to those named.
func (m *Machine) copyImages(ctx context.Context, names []string) error {
	ctx, cancel := context.WithTimeout(ctx, copyTimeout)
	defer cancel()
	var missing []string
	for _, name := range names {
		here, err := command(ctx, "docker", "image", "inspect", "--format", "{{.Id}}", name).Output()
		if err != nil {
			return fmt.Errorf("this computer's engine lacks %s: run make images", name)
		}
		if there, err := m.docker(ctx, "image", "inspect", "--format", "{{.Id}}", name).Output(); err != nil || string(there) != string(here) {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		save, load := command(ctx, append([]string{"docker", "save"}, missing...)...), m.docker(ctx, "load")
		out, err := save.StdoutPipe()
		if err != nil {
			return err
		}
		load.Stdin = out
		if err := save.Start(); err != nil {
			return err
		}
		said, err := load.CombinedOutput()
		if err := errors.Join(err, save.Wait()); err != nil {
			return fmt.Errorf("copying images: %w: %s", err, said)
		}
	}
	return m.removeOtherImages(ctx, names)
}

// removeOtherImages forgets images of older recipes, which would pile up.
func (m *Machine) removeOtherImages(ctx context.Context, keep []string) error {
	out, err := m.docker(ctx, "images", "--format", "{{.Repository}}:{{.Tag}}").Output()
	if err != nil {
		return err
	}
	for name := range strings.Lines(string(out)) {
		name = strings.TrimSpace(name)
		repository, _, _ := strings.Cut(name, ":")
		for _, k := range keep {
			if strings.HasPrefix(k, repository+":") && k != name {
				_ = m.docker(ctx, "rmi", "--force", name).Run() // or at the next start
			}
		}
	}
	return nil
}

func asRoot(ctx context.Context, argv ...string) *exec.Cmd {
	if os.Geteuid() != 0 {
		argv = append([]string{"sudo", "-n"}, argv...)
	}
	return command(ctx, argv...)
}
