package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// killer kills what checks depend on, evenly spread over the checks.
type killer struct {
	engine *engine
	chance *rand.Rand
	done   map[string]int // what was killed how often
}

// run kills until every kill is done or the checks are. progress tells how many checks have ended.
func (k *killer) run(ctx context.Context, p plan, progress func() int) error {
	k.done = map[string]int{}
	kills, engineKills := 0, 0
	for ctx.Err() == nil && (kills < p.kills || engineKills < p.engineKills) {
		ended := progress()
		switch {
		case ended >= p.checks:
			return nil
		case engineKills < p.engineKills && ended >= (engineKills+1)*p.checks/(p.engineKills+1):
			engineKills++
			k.done["engine"]++
			if err := k.engine.kill(ctx); err != nil {
				return fmt.Errorf("killing the engine: %w", err)
			}
		case kills < p.kills && ended >= kills*p.checks/(p.kills+1):
			if k.one(ctx) {
				kills++
			}
		}
		select {
		case <-ctx.Done():
		case <-time.After(time.Duration(k.chance.IntN(20)) * time.Millisecond):
		}
	}
	return nil
}

// one kills one thing of one container by chance.
func (k *killer) one(ctx context.Context) bool {
	ids := k.engine.list(ctx, "ps", "--quiet")
	if len(ids) == 0 {
		return false
	}
	id := ids[k.chance.IntN(len(ids))]
	kind := k.chance.IntN(10)
	if kind < 2 {
		k.done["container"]++
		return k.engine.docker(ctx, "kill", "--signal", "KILL", id).Run() == nil
	}
	if kind < 4 {
		k.done["container, removed"]++
		return k.engine.docker(ctx, "rm", "--force", id).Run() == nil
	}
	found := k.engine.list(ctx, "inspect", "--format", "{{.State.Pid}}", id)
	if len(found) != 1 {
		return false
	}
	agent, err := strconv.Atoi(found[0])
	if err != nil || agent <= 1 {
		return false
	}
	if kind < 7 {
		k.done["agent"]++
		return syscall.Kill(agent, syscall.SIGKILL) == nil
	}
	// Root's processes below the agent are interpreters and spares that wait; the learner's own are not
	// killed, for that would be the learner's verdict.
	var waiting []int
	for _, pid := range children(agent) {
		if info, err := os.Stat(fmt.Sprintf("/proc/%d", pid)); err == nil {
			if stat, ok := info.Sys().(*syscall.Stat_t); ok && stat.Uid == 0 {
				waiting = append(waiting, pid)
			}
		}
	}
	if len(waiting) == 0 {
		return false
	}
	k.done["interpreter or spare"]++
	return syscall.Kill(waiting[k.chance.IntN(len(waiting))], syscall.SIGKILL) == nil
}

// children are the processes that a process has started and not waited for.
func children(pid int) []int {
	tasks, err := os.ReadDir(fmt.Sprintf("/proc/%d/task", pid))
	if err != nil {
		return nil
	}
	var all []int
	for _, task := range tasks {
		data, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%s/children", pid, task.Name()))
		for field := range strings.FieldsSeq(string(data)) {
			if n, err := strconv.Atoi(field); err == nil {
				all = append(all, n)
			}
		}
	}
	return all
}
