package embedded

import (
	"context"
	"os/exec"
	"syscall"
)

// mappedID is what root is called inside the namespace; any number but 0 will do.
const mappedID = 1000

func mapRoot(attributes *syscall.SysProcAttr) {
	attributes.Cloneflags = syscall.CLONE_NEWUSER
	attributes.UidMappings = []syscall.SysProcIDMap{{ContainerID: mappedID, HostID: 0, Size: 1}}
	attributes.GidMappings = []syscall.SysProcIDMap{{ContainerID: mappedID, HostID: 0, Size: 1}}
}

// canMapUsers tells by trying: containers and hardened kernels often forbid user namespaces.
func canMapUsers(ctx context.Context) bool {
	command := exec.CommandContext(ctx, "/bin/sh", "-c", "exit 0")
	command.SysProcAttr = &syscall.SysProcAttr{}
	mapRoot(command.SysProcAttr)
	return command.Run() == nil
}
