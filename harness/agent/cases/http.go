package cases

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/textproto"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The HTTP client of the standard library would make the program of every container three times as
// large. This one sends one request per connection and reads its response, which is all that cases do.

func contains(text, part string) bool { return strings.Contains(text, part) }

// request sends a case's request to the learner's server, which is started when first needed.
func (r *runner) request(ctx context.Context, c Case, out *result) {
	if r.suite.Server == nil {
		out.Status, out.Message = errored, "There is no server to ask: tell the author of the lesson."
		return
	}
	address := net.JoinHostPort("127.0.0.1", strconv.Itoa(r.suite.Server.Port))
	if r.server == nil || ended(r.server) {
		p, err := r.launcher.Start(r.suite.Server.Command, "", false)
		if err != nil {
			out.Status, out.Message = errored, "The program could not be started: "+err.Error()
			return
		}
		r.server = p
	}
	defer func() { out.Output = r.server.NewOutput() }()
	conn, err := connect(ctx, r.server, address)
	if err != nil {
		out.Status = errored
		if out.Message = fmt.Sprintf("Nothing answered on port %d: let the program listen there.", r.suite.Server.Port); errors.Is(err, errEnded) {
			out.Message = "The program ended before it answered: look at its output."
		}
		return
	}
	defer func() { _ = conn.Close() }()
	status, body, err := exchange(ctx, conn, address, *c.HTTP)
	switch {
	case ctx.Err() != nil:
		out.Status, out.Message = failed, fmt.Sprintf("The response did not come within %d ms.", c.TimeoutMS)
	case err != nil:
		out.Status, out.Message = errored, "The response cannot be read: "+err.Error()
	case c.Want.Status != 0 && status != c.Want.Status:
		out.fail(fmt.Sprintf("The response has status %d instead of %d.", status, c.Want.Status), "status "+strconv.Itoa(c.Want.Status), "status "+strconv.Itoa(status))
	case c.Want.Body != nil && !sameText(*c.Want.Body, body):
		out.fail("The response is another one.", *c.Want.Body, body)
	default:
		contained(c.Want.Contains, body, "The response does not contain what it should.", out)
	}
}

func ended(p *Program) bool {
	select {
	case <-p.ended:
		return true
	default:
		return false
	}
}

// connect waits until the server listens.
func connect(ctx context.Context, p *Program, address string) (net.Conn, error) {
	var d net.Dialer
	for {
		conn, err := d.DialContext(ctx, "tcp", address)
		if err == nil {
			return conn, nil
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-p.ended:
			return nil, errEnded
		case <-time.After(10 * time.Millisecond):
		}
	}
}

func exchange(ctx context.Context, conn net.Conn, address string, r HTTP) (status int, body string, err error) {
	deadline, _ := ctx.Deadline() // every case has one
	if err := conn.SetDeadline(deadline); err != nil {
		return 0, "", err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\nUser-Agent: carrel\r\n", r.Method, r.Path, address)
	if r.Body != "" {
		fmt.Fprintf(&b, "Content-Length: %d\r\n", len(r.Body))
	}
	for _, name := range slices.Sorted(maps.Keys(r.Headers)) {
		fmt.Fprintf(&b, "%s: %s\r\n", name, r.Headers[name])
	}
	b.WriteString("\r\n" + r.Body)
	// A server may answer and close before it has read everything.
	_, _ = io.WriteString(conn, b.String())
	status, body, err = response(bufio.NewReader(io.LimitReader(conn, maxOutput)), r.Method == "HEAD")
	if netErr := (net.Error)(nil); errors.As(err, &netErr) && netErr.Timeout() {
		<-ctx.Done()
	}
	return status, body, err
}

// response reads a response to its end.
func response(in *bufio.Reader, head bool) (status int, body string, err error) {
	text := textproto.NewReader(in)
	var header textproto.MIMEHeader
	for {
		line, err := text.ReadLine()
		if err != nil {
			return 0, "", fmt.Errorf("reading the status: %w", noEOF(err))
		}
		version, rest, _ := strings.Cut(line, " ")
		code, _, _ := strings.Cut(strings.TrimSpace(rest), " ")
		if status, err = strconv.Atoi(code); err != nil || !strings.HasPrefix(version, "HTTP/1.") || status < 100 || status > 999 {
			return 0, "", fmt.Errorf("%.80q is no status line of HTTP", line)
		}
		if header, err = text.ReadMIMEHeader(); err != nil {
			return 0, "", fmt.Errorf("reading the headers: %w", noEOF(err))
		}
		if status >= 200 || status == 101 {
			break
		}
	}
	var data []byte
	switch length, lengthErr := strconv.Atoi(header.Get("Content-Length")); {
	case head || status == 204 || status == 304:
	case strings.EqualFold(header.Get("Transfer-Encoding"), "chunked"):
		data, err = chunks(in)
	case lengthErr == nil && length >= 0:
		data, err = io.ReadAll(io.LimitReader(in, int64(length)))
		if err == nil && len(data) < length {
			err = io.ErrUnexpectedEOF
		}
	default:
		data, err = io.ReadAll(in)
	}
	if err != nil {
		return status, string(data), fmt.Errorf("reading the body: %w", err)
	}
	return status, string(data), nil
}

func noEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// chunks reads a body in chunks.
func chunks(in *bufio.Reader) ([]byte, error) {
	var body []byte
	text := textproto.NewReader(in)
	for {
		line, err := text.ReadLine()
		if err != nil {
			return body, noEOF(err)
		}
		size, _, _ := strings.Cut(line, ";")
		n, err := strconv.ParseInt(strings.TrimSpace(size), 16, 32)
		if err != nil || n < 0 || n > maxOutput {
			return body, fmt.Errorf("%.20q is no length of a chunk", line)
		}
		if n == 0 {
			return body, nil
		}
		chunk := make([]byte, n)
		if _, err := io.ReadFull(in, chunk); err != nil {
			return body, noEOF(err)
		}
		body = append(body, chunk...)
		if _, err := text.ReadLine(); err != nil {
			return body, noEOF(err)
		}
	}
}
