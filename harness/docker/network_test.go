package docker_test

import (
	"strings"
	"testing"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/filters"
	"github.com/docker/docker/api/types/network"
	dockerclient "github.com/docker/docker/client"

	"github.com/carrel-dev/carrel/harness"
	"github.com/carrel-dev/carrel/harness/docker"
	"github.com/carrel-dev/carrel/lesson"
)

// engineOf returns the engine's own client, to look at what a Runner leaves there.
func engineOf(t *testing.T) *dockerclient.Client {
	t.Helper()
	api, err := dockerclient.NewClientWithOpts(dockerclient.FromEnv, dockerclient.WithAPIVersionNegotiation())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = api.Close() })
	return api
}

// alone fails where anything but the own loopback can be reached.
const alone = `
import os, socket, sys

assert os.listdir("/sys/class/net") == ["lo"], os.listdir("/sys/class/net")
routes = open("/proc/net/route").read().splitlines()[1:]
assert not routes, routes

def reaches(kind, place):
    with socket.socket(socket.AF_INET6 if ":" in place[0] else socket.AF_INET, kind) as s:
        s.settimeout(2)
        try:
            s.connect(place)
            s.send(b"x")
        except OSError:
            return False
        return True

for address in ["169.254.169.254", "100.100.100.200", "fd00:ec2::254", "172.17.0.1", "1.1.1.1", "8.8.8.8", "192.168.0.1"] + sys.argv[1:]:
    for port in (22, 53, 80, 443, 2375, 8000):
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
            assert not reaches(kind, (address, port)), f"{address} port {port} can be reached"
for name in ("example.org", "host.docker.internal", "metadata.google.internal"):
    try:
        found = socket.getaddrinfo(name, 80)
    except OSError:
        continue
    raise AssertionError(f"{name} is known as {found}")
`

func TestNetwork_noneAndServicesReachNothing(t *testing.T) { //nolint:tparallel // the last sub-test looks at what the others opened
	t.Parallel()
	r := runner(t, docker.Options{})
	api := engineOf(t)
	// A neighbour with an address, on the engine's usual network.
	neighbour, err := r.Open(t.Context(), harness.Spec{Environment: lesson.Environment{Name: "python"}, Network: lesson.NetworkInternet, Owner: "bob"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = neighbour.Close() })
	address := addressOf(t, neighbour)

	for _, kind := range []lesson.Network{lesson.NetworkNone, lesson.NetworkServices} {
		t.Run(string(kind), func(t *testing.T) {
			spec := harness.Spec{Environment: lesson.Environment{Name: "sql"}, Network: kind, Owner: "ann"}
			if kind == lesson.NetworkServices {
				spec.Services = []lesson.Service{postgres(books()...)}
			}
			s, err := r.Open(t.Context(), spec)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = s.Close() })
			mustPass(t, s, "cat > probe.py <<'END'\n"+alone+"END\npython3 probe.py "+address)
		})
	}

	t.Run("a service has no network of its own", func(t *testing.T) {
		list, err := api.ContainerList(t.Context(), container.ListOptions{Filters: filters.NewArgs(filters.Arg("name", "carrel-"+docker.RunnerName(r)), filters.Arg("ancestor", docker.Ref("postgres")))})
		if err != nil || len(list) != 1 {
			t.Fatalf("%d containers, %v", len(list), err)
		}
		found, err := api.ContainerInspect(t.Context(), list[0].ID)
		if err != nil {
			t.Fatal(err)
		}
		if !found.HostConfig.NetworkMode.IsContainer() || len(found.NetworkSettings.Networks) > 0 {
			t.Errorf("the network mode is %s, with %d networks", found.HostConfig.NetworkMode, len(found.NetworkSettings.Networks))
		}
	})
}

// addressOf returns the address of an environment that has one.
func addressOf(t *testing.T, s harness.Session) string {
	t.Helper()
	return ran(t, s, `python3 -c "import socket; print(socket.gethostbyname(socket.gethostname()))"`)
}

func TestNetwork_internet(t *testing.T) {
	t.Parallel()
	r := runner(t, docker.Options{})
	open := func(owner string) harness.Session {
		s, err := r.Open(t.Context(), harness.Spec{Environment: lesson.Environment{Name: "python"}, Network: lesson.NetworkInternet, Owner: owner})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		return s
	}
	ann, bob := open("ann"), open("bob")
	mine := network.ListOptions{Filters: filters.NewArgs(filters.Arg("name", "carrel-"+docker.RunnerName(r)))}
	api := engineOf(t)
	list, err := api.NetworkList(t.Context(), mine)
	if err != nil || len(list) != 1 || list[0].Labels["dev.carrel.process"] == "" {
		t.Fatalf("networks %+v, %v", list, err)
	}

	// A way out there is, and no way to each other.
	mustPass(t, ann, `[ "$(awk '$2 == "00000000"' /proc/net/route | wc -l)" = 1 ]`)
	shell, err := bob.Terminal(t.Context(), harness.Size{Rows: 24, Columns: 80})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = shell.Close() })
	if _, err := shell.Write([]byte("python3 -m http.server 8000\n")); err != nil {
		t.Fatal(err)
	}
	address := addressOf(t, bob)
	const probe = `python3 - <<'END'
import socket, sys, time
for _ in range(100):
    s = socket.socket(); s.settimeout(2)
    try:
        s.connect(("%s", 8000)); print("open"); sys.exit()
    except ConnectionRefusedError:
        time.sleep(0.1)
    except OSError as e:
        print(type(e).__name__); sys.exit()
print("refused")
END`
	if got := ran(t, bob, strings.ReplaceAll(probe, "%s", address)); got != "open" {
		t.Fatalf("bob's server cannot be reached by himself: %s", got)
	}
	if got := ran(t, ann, strings.ReplaceAll(probe, "%s", address)); got != "TimeoutError" && got != "timeout" && got != "OSError" {
		t.Errorf("ann reaches bob: %s", got)
	}

	if err := r.Close(); err != nil {
		t.Error(err)
	}
	if list, err = api.NetworkList(t.Context(), mine); err != nil || len(list) > 0 {
		t.Errorf("%d networks are left, %v", len(list), err)
	}
}
