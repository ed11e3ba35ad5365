package rpc

import (
	"github.com/carrel-dev/carrel/cloud/account"
	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/proto/gen/carrel/cloud/v1/cloudv1connect"
	"github.com/carrel-dev/carrel/proto/gen/carrel/sync/v1/syncv1connect"
	"github.com/carrel-dev/carrel/proto/wire"
)

// rule is who may call a procedure. The zero rule, that of a procedure nobody thought of, is no one.
type rule int

const (
	noOne rule = iota
	anyone
	signedIn
	authors
)

// policy is the whole of authorisation by role. What belongs to whom is decided where it is stored.
var policy = map[string]rule{
	cloudv1connect.AccountServiceRegisterProcedure: anyone,
	cloudv1connect.AccountServiceLoginProcedure:    anyone,
	// Anyone: signing out twice is signing out once.
	cloudv1connect.AccountServiceLogoutProcedure: anyone,
	cloudv1connect.AccountServiceWhoAmIProcedure: signedIn,

	cloudv1connect.CatalogServiceListCoursesProcedure:   anyone,
	cloudv1connect.CatalogServicePublishCourseProcedure: authors,
	// Whoever knows a digest has seen it in a list, or was given it.
	cloudv1connect.BundleServiceReadBlobProcedure:  anyone,
	cloudv1connect.BundleServiceWriteBlobProcedure: authors,

	cloudv1connect.EvaluationServiceSubmitCheckProcedure: signedIn,
	cloudv1connect.EvaluationServiceWatchCheckProcedure:  signedIn,
	cloudv1connect.EvaluationServiceCancelCheckProcedure: signedIn,

	syncv1connect.ExchangeServiceExchangeProcedure: signedIn,
}

// allow decides whether the caller, nil when nobody is signed in, may call the procedure.
func allow(procedure string, caller *account.Account) error {
	switch policy[procedure] {
	case anyone:
		return nil
	case signedIn:
		if caller != nil {
			return nil
		}
		return wire.NotSignedIn()
	case authors:
		if caller == nil {
			return wire.NotSignedIn()
		}
		if caller.Role == account.RoleAuthor {
			return nil
		}
		return fault.New(fault.Denied, "Only authors may do this.", "Ask whoever runs this server to make you an author.")
	default:
		return fault.New(fault.Denied, "Nobody may do this.", "Update Carrel.")
	}
}
