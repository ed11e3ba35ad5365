package docker

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os/exec"
	"strings"

	"github.com/carrel-dev/carrel/fault"
)

func errNotRunning(err error) *fault.Error {
	return fault.Wrap(err, fault.Unavailable, "Docker is not running.", "Start Docker, or run checks in the cloud.")
}

// unreachable says why an engine cannot be used from here, and what to do.
func unreachable(a address, err error) *fault.Error {
	say := func(hint, format string, args ...any) *fault.Error {
		return fault.Wrap(err, fault.Unavailable, fmt.Sprintf(format, args...), hint)
	}
	if strings.HasPrefix(a.host, "ssh://") {
		return throughSSH(a, err, say)
	}
	if a.tls != (TLS{}) {
		if f := throughTLS(a, err, say); f != nil {
			return f
		}
	}
	if a.tls == (TLS{}) && strings.Contains(err.Error(), "HTTP request to an HTTPS server") {
		return say("Name its certificates (DOCKER_CERT_PATH).", "The Docker engine at %s wants to be asked with TLS.", a.host)
	}
	if a.remote() {
		return say("Start it, or look at the address and at the firewalls on the way.", "The Docker engine at %s does not answer.", a.host)
	}
	if strings.Contains(err.Error(), "permission denied") {
		return say("Add yourself to the group docker, sign out and in again, or use rootless Docker.", "Docker is running, but this account may not use it.")
	}
	return errNotRunning(err)
}

type sayer = func(hint, format string, args ...any) *fault.Error

// throughTLS returns nil for what is not about certificates.
func throughTLS(a address, err error, say sayer) *fault.Error {
	var (
		files   *filesError
		issuer  x509.UnknownAuthorityError
		invalid x509.CertificateInvalidError
		name    x509.HostnameError
		record  tls.RecordHeaderError
	)
	switch {
	case errors.As(err, &files):
		return say("Name three files: ca.pem, cert.pem and key.pem, which belong together.", "The certificates for the Docker engine at %s cannot be read.", a.host)
	case errors.Is(err, errExpired):
		return say("Have a new cert.pem and key.pem issued.", "This computer's certificate for the Docker engine at %s has expired.", a.host)
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return say("Renew it on the engine's computer, and see that both clocks are right.", "The certificate of the Docker engine at %s has expired or is not valid yet.", a.host)
	case errors.As(err, &issuer):
		return say("Use the ca.pem of the authority that issued the engine's certificate. If it is the right one, somebody else may be answering.",
			"The certificate of the Docker engine at %s was not issued by the authority we know.", a.host)
	case errors.As(err, &name):
		return say("Have one issued that has this name or address in it, or use the name that it has.", "The certificate of the Docker engine at %s is for another address.", a.host)
	case errors.As(err, &invalid):
		return say("Have a new one issued for the engine.", "The certificate of the Docker engine at %s is not valid.", a.host)
	case errors.As(err, &record), strings.Contains(err.Error(), "server gave HTTP response to HTTPS client"):
		return say("Start it with --tlsverify, or look at the port: 2376 is the usual one.", "The Docker engine at %s does not encrypt.", a.host)
	case strings.Contains(err.Error(), "remote error: tls: "):
		return say("Use a cert.pem and key.pem issued by the authority that the engine was started with (--tlscacert).", "The Docker engine at %s does not accept this computer's certificate.", a.host)
	}
	return nil
}

// throughSSH knows failures by ssh's and Docker's words, which are the same in every language: there is
// nothing else to know them by. The first that fits counts.
func throughSSH(a address, err error, say sayer) *fault.Error {
	host := strings.TrimPrefix(a.host, "ssh://")
	said := err.Error()
	has := func(texts ...string) bool {
		for _, text := range texts {
			if strings.Contains(said, text) {
				return true
			}
		}
		return false
	}
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return say("Install an SSH client (OpenSSH).", "This computer has no program ssh.")
	case has("REMOTE HOST IDENTIFICATION HAS CHANGED"):
		return say("If it was set up anew, forget the old key with ssh-keygen -R. If not, somebody else may be answering.", "The computer at %s shows another key than it did before.", host)
	case has("Host key verification failed"):
		return say("Connect once by hand with ssh, compare the key's fingerprint and answer yes.", "This computer does not know the key of %s yet.", host)
	case has("Permission denied ("):
		return say("Load the right key into ssh-agent, or add it to authorized_keys there. A password cannot be used here.", "The computer at %s refuses our SSH key.", host)
	case has("Could not resolve hostname"):
		return say("Look at the address.", "There is no computer with the name %s.", host)
	case has("permission denied while trying to connect to the Docker daemon"):
		return say("Add the account to the group docker there.", "Docker is running on %s, but the account may not use it.", host)
	case has("Cannot connect to the Docker daemon", "failed to connect to the docker API"):
		return say("Start Docker there.", "Docker is not running on %s.", host)
	case has("docker: not found", "docker: command not found", "exit status 127"):
		return say("Install Docker there, with its command line.", "There is no Docker on %s.", host)
	case errors.Is(err, context.DeadlineExceeded), has("Connection refused", "timed out", "No route to host", "Network is unreachable", "Connection reset", "Connection closed"):
		return say("Start it, or look at the address and at the firewalls on the way.", "The computer at %s does not answer.", host)
	}
	return say("Try it by hand: ssh to it and run docker version there.", "Docker on %s cannot be reached by SSH.", host)
}
