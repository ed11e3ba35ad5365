package doctor

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/carrel-dev/carrel/fault"
)

// cloud asks the cloud for a sign of life, and compares the clocks by it.
func (d *Doctor) cloud(ctx context.Context) []Finding {
	const subject = "Cloud"
	address, err := d.ServerURL()
	if err != nil {
		return []Finding{bad(subject, err)}
	}
	sent := time.Now()
	date, err := d.ask(ctx, address+"/healthz")
	if err != nil {
		return []Finding{bad(subject, explain(address, err))}
	}
	out := []Finding{good(subject, address+" answers.")}
	if date.IsZero() {
		return out
	}
	skew := date.Sub(sent.Add(time.Since(sent) / 2)).Round(time.Second)
	if skew.Abs() > maxSkew {
		return append(out, Finding{Subject: "Clock", Message: fmt.Sprintf("This computer's clock differs from the cloud's by %s.", skew.Abs()),
			Hint: "Let the system set its clock by itself. Work is kept in order either way, but times will look wrong."})
	}
	return append(out, good("Clock", "It agrees with the cloud's."))
}

// ask returns the server's clock, the zero time when it does not tell.
func (d *Doctor) ask(ctx context.Context, url string) (time.Time, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return time.Time{}, err
	}
	client := &http.Client{Transport: d.Transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(req)
	if err != nil {
		return time.Time{}, err
	}
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 4<<10)) // lets the connection be used again
	if err := resp.Body.Close(); err != nil {
		return time.Time{}, err
	}
	if resp.StatusCode != http.StatusOK {
		return time.Time{}, errStatus(resp.StatusCode)
	}
	date, err := http.ParseTime(resp.Header.Get("Date"))
	if err != nil {
		return time.Time{}, nil //nolint:nilerr // it answers; that is what was asked
	}
	return date, nil
}

type errStatus int

func (e errStatus) Error() string { return fmt.Sprintf("status %d", int(e)) }

// explain turns a failed request into what a person can do about it. Schools' proxies that look into
// encrypted connections are told apart, because nothing else hints at them.
func explain(address string, err error) error {
	var unknown x509.UnknownAuthorityError
	var status errStatus
	switch {
	case errors.As(err, &unknown):
		return fault.Wrap(err, fault.Unavailable,
			"Something between this computer and "+address+" opens encrypted connections, and its certificate is not known here.",
			"Schools and offices have such proxies. Ask for their root certificate and add it to this system's certificates.")
	case errors.As(err, &status):
		return fault.Wrap(err, fault.Unavailable, fmt.Sprintf("%s answers, but not as a Carrel service (status %d).", address, int(status)),
			"Check the address, or sign in to the network first if it asks for that.")
	case errors.Is(err, context.DeadlineExceeded):
		return fault.Wrap(err, fault.Unavailable, address+" does not answer in time.",
			"A firewall may drop the connection. Work offline goes on.")
	}
	return fault.Wrap(err, fault.Unavailable, address+" cannot be reached.", "Check the network. Work offline goes on.")
}
