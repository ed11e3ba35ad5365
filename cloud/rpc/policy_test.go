package rpc

import (
	"testing"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	"github.com/carrel-dev/carrel/cloud/account"
	"github.com/carrel-dev/carrel/cloud/evaluation"
	"github.com/carrel-dev/carrel/fault"
	cloudv1 "github.com/carrel-dev/carrel/proto/gen/carrel/cloud/v1"
)

// procedures lists every procedure of the cloud's protos.
func procedures() map[string]bool {
	found := map[string]bool{}
	for _, name := range []protoreflect.FullName{"carrel.cloud.v1", "carrel.sync.v1"} {
		protoregistry.GlobalFiles.RangeFilesByPackage(name, func(file protoreflect.FileDescriptor) bool {
			for i := range file.Services().Len() {
				service := file.Services().Get(i)
				for j := range service.Methods().Len() {
					found["/"+string(service.FullName())+"/"+string(service.Methods().Get(j).Name())] = true
				}
			}
			return true
		})
	}
	return found
}

func TestPolicy_IsComplete(t *testing.T) {
	t.Parallel()
	all := procedures()
	if len(all) == 0 {
		t.Fatal("no procedures were found")
	}
	for procedure := range all {
		if policy[procedure] == noOne {
			t.Errorf("nobody thought of who may call %s", procedure)
		}
	}
	for procedure := range policy {
		if !all[procedure] {
			t.Errorf("the policy names %s, which does not exist", procedure)
		}
	}
}

func TestAllow(t *testing.T) {
	t.Parallel()
	learner, author := &account.Account{Role: account.RoleLearner}, &account.Account{Role: account.RoleAuthor}
	odd := &account.Account{Role: "owner"}
	callers := map[string]*account.Account{"nobody": nil, "a learner": learner, "an author": author, "an unknown role": odd}
	allowed := map[rule]map[string]bool{
		noOne:    {},
		anyone:   {"nobody": true, "a learner": true, "an author": true, "an unknown role": true},
		signedIn: {"a learner": true, "an author": true, "an unknown role": true},
		authors:  {"an author": true},
	}
	for procedure := range procedures() {
		for name, caller := range callers {
			err := allow(procedure, caller)
			if want := allowed[policy[procedure]][name]; (err == nil) != want {
				t.Errorf("%s calls %s: %v, want allowed: %v", name, procedure, err, want)
			}
		}
	}
	for name, caller := range callers {
		if err := allow("/carrel.cloud.v1.AdminService/Erase", caller); fault.KindOf(err) != fault.Denied {
			t.Errorf("%s may call what nobody thought of: %v", name, err)
		}
	}
}

func TestStates_AreComplete(t *testing.T) {
	t.Parallel()
	for _, state := range evaluation.States() {
		if got := stateFromProto(states[state]); got != state {
			t.Errorf("%s becomes %v and then %q", state, states[state], got)
		}
	}
	for number := range cloudv1.CheckState_name {
		state := cloudv1.CheckState(number)
		if state == cloudv1.CheckState_CHECK_STATE_UNSPECIFIED {
			continue
		}
		if stateFromProto(state) == "" {
			t.Errorf("%v has no meaning", state)
		}
	}
}
