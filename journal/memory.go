package journal

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
)

// Memory is a Store and StateStore that forgets everything with the process: for tests and fakes. The
// zero value is ready; it is safe for concurrent use.
type Memory struct {
	mu         sync.Mutex
	logs       map[memoryKey]*memoryLog
	states     map[string]State
	successors map[memoryKey]uint64
}

type memoryKey struct {
	owner Owner
	log   LogID
}

type memoryLog struct {
	head     Head
	segments []Segment
	chain    []Hash // chain[i] is the hash at seq i+1
}

// Heads implements Store.
func (m *Memory) Heads(_ context.Context, owner Owner) (map[LogID]Head, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	heads := map[LogID]Head{}
	for key, log := range m.logs {
		if key.owner == owner && log.head.Seq > 0 {
			heads[key.log] = log.head
		}
	}
	return heads, nil
}

// Accept implements Store.
func (m *Memory) Accept(_ context.Context, owner Owner, segment Segment) (Head, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.accept(owner, segment)
}

func (m *Memory) accept(owner Owner, segment Segment) (Head, error) {
	key := memoryKey{owner: owner, log: segment.LogID}
	log := m.logs[key]
	if log == nil {
		log = &memoryLog{}
	}
	rest, err := segment.Fit(log.head, func(seq uint64) (Hash, error) { return log.chain[seq-1], nil })
	if err != nil {
		return Head{}, err
	}
	if len(rest.Entries) == 0 {
		return log.head, nil
	}
	if m.logs == nil {
		m.logs = map[memoryKey]*memoryLog{}
	}
	rest.Entries = slices.Clone(rest.Entries)
	log.chain = append(log.chain, rest.Chain()...)
	log.segments = append(log.segments, rest)
	log.head = Head{Seq: rest.LastSeq(), Hash: log.chain[len(log.chain)-1]}
	m.logs[key] = log
	return log.head, nil
}

// Read implements Store.
func (m *Memory) Read(_ context.Context, owner Owner, id LogID, after uint64, maxBytes int) ([]Segment, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	log := m.logs[memoryKey{owner: owner, log: id}]
	if log == nil {
		return nil, nil
	}
	var out []Segment
	size := 0
	for _, s := range log.segments {
		if s.LastSeq() <= after {
			continue
		}
		s = s.After(after)
		if size += s.Size(); size > maxBytes && len(out) > 0 {
			break
		}
		out = append(out, s)
	}
	return out, nil
}

// State implements StateStore.
func (m *Memory) State(_ context.Context, remote string) (State, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.states[remote].clone(), nil
}

// SaveState implements StateStore.
func (m *Memory) SaveState(_ context.Context, remote string, state State) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.states == nil {
		m.states = map[string]State{}
	}
	m.states[remote] = state.clone()
	return nil
}

func (s State) clone() State {
	s.Acknowledged, s.Upstream = maps.Clone(s.Acknowledged), maps.Clone(s.Upstream)
	return s
}

// Supersede implements StateStore.
func (m *Memory) Supersede(_ context.Context, owner Owner, s Supersession) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	key := memoryKey{owner: owner, log: s.Log}
	log := m.logs[key]
	if log == nil || log.head != s.Head {
		return &ForkError{LogID: s.Log, Seq: s.Head.Seq}
	}
	cut := slices.IndexFunc(log.segments, func(segment Segment) bool { return segment.FirstSeq == s.From })
	if cut < 0 {
		return fmt.Errorf("no segment of log %s starts at seq %d", s.Log, s.From)
	}
	// Fresh segments are tried on a copy first: all of the supersession happens or none.
	trial := Memory{logs: map[memoryKey]*memoryLog{}}
	for _, fresh := range s.Fresh {
		freshKey := memoryKey{owner: owner, log: fresh.LogID}
		if old := m.logs[freshKey]; old != nil && trial.logs[freshKey] == nil {
			trial.logs[freshKey] = old.clone()
		}
		if _, err := trial.accept(owner, fresh); err != nil {
			return err
		}
	}
	maps.Copy(m.logs, trial.logs)
	kept := log.clone()
	kept.segments = kept.segments[:cut]
	kept.chain = kept.chain[:s.From-1]
	kept.head = Head{}
	if s.From > 1 {
		kept.head = Head{Seq: s.From - 1, Hash: kept.chain[s.From-2]}
	}
	m.logs[key] = kept
	if m.successors == nil {
		m.successors = map[memoryKey]uint64{}
	}
	m.successors[key] = s.Epoch
	return nil
}

func (l *memoryLog) clone() *memoryLog {
	return &memoryLog{head: l.head, segments: slices.Clone(l.segments), chain: slices.Clone(l.chain)}
}

// Successor implements StateStore.
func (m *Memory) Successor(_ context.Context, owner Owner, log LogID) (uint64, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	epoch, ok := m.successors[memoryKey{owner: owner, log: log}]
	return epoch, ok, nil
}

// Clone returns an independent copy: what a backup or a cloned disk is.
func (m *Memory) Clone() *Memory {
	m.mu.Lock()
	defer m.mu.Unlock()
	c := &Memory{logs: map[memoryKey]*memoryLog{}, states: map[string]State{}, successors: maps.Clone(m.successors)}
	for key, log := range m.logs {
		c.logs[key] = log.clone()
	}
	for remote, state := range m.states {
		c.states[remote] = state.clone()
	}
	return c
}
