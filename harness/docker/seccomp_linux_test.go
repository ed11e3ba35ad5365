package docker

import (
	"encoding/json"
	"flag"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/moby/profiles/seccomp"
	"github.com/opencontainers/runtime-spec/specs-go"
)

var update = flag.Bool("update", false, "write seccomp.json anew")

// narrowed is Docker's current profile without what an exercise never needs and kernels have had holes
// in: foreign architectures, asynchronous I/O rings, and sockets other than local ones and IP.
func narrowed() *seccomp.Seccomp {
	profile := seccomp.DefaultProfile()
	for i := range profile.ArchMap {
		profile.ArchMap[i].SubArches = nil
	}
	profile.ArchMap = slices.DeleteFunc(profile.ArchMap, func(a seccomp.Architecture) bool {
		return a.Arch != specs.ArchX86_64 && a.Arch != specs.ArchAARCH64
	})
	never := []string{"io_uring_setup", "io_uring_enter", "io_uring_register", "keyctl", "add_key", "request_key", "userfaultfd",
		"bpf", "perf_event_open", "vmsplice", "kcmp", "process_vm_readv", "process_vm_writev", "pidfd_getfd", "modify_ldt"}
	var kept []*seccomp.Syscall
	for _, s := range profile.Syscalls {
		// Rules for capabilities that the container does not have would only widen it by mistake.
		if s.Includes != nil && len(s.Includes.Caps) > 0 || slices.Contains(s.Names, "socket") {
			continue
		}
		s.Names = slices.DeleteFunc(s.Names, func(name string) bool { return slices.Contains(never, name) })
		if len(s.Names) > 0 {
			kept = append(kept, s)
		}
	}
	for _, family := range []uint64{1, 2, 10} { // AF_UNIX, AF_INET, AF_INET6
		kept = append(kept, &seccomp.Syscall{LinuxSyscall: specs.LinuxSyscall{
			Names: []string{"socket"}, Action: specs.ActAllow,
			Args: []specs.LinuxSeccompArg{{Index: 0, Value: family, Op: specs.OpEqualTo}},
		}})
	}
	profile.Syscalls = kept
	return profile
}

func TestSeccompProfile(t *testing.T) {
	t.Parallel()
	want, err := json.MarshalIndent(narrowed(), "", " ")
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile("seccomp.json", append(want, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile("seccomp.json")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), strings.TrimSpace(string(got))); diff != "" {
		t.Errorf("seccomp.json is out of date (run this test with -update):\n%s", diff)
	}
}
