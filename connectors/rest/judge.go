package rest

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"time"

	"merit/connectors"
	"merit/connectors/fault"
)

// A Failure is an attempt without a good reply.
type Failure struct {
	Status int // 0: no reply
	Header http.Header
	Body   []byte // at most 64 KiB, inflated, secrets blacked out
	Err    error  // why there is no reply
}

// A Verdict is what to do about a Failure.
type Verdict struct {
	Act  Act
	Wait time.Duration // before a Retry; 0: what Retry-After says, else back-off
	Err  error         // a Fault to end with; nil: one by status
}

// An Act is one of Fail, Retry and SignInAgain.
type Act int

const (
	Fail Act = iota
	Retry
	SignInAgain
)

// ByStatus judges by the status alone, as RFC 9110 means it. A connector's own
// Judge may leave to it what it knows nothing of.
func ByStatus(f Failure) Verdict {
	switch {
	case f.Status == 0:
		return byError(f.Err)
	case f.Status < 300:
		return Verdict{Act: Retry} // HTML where data was asked for
	case f.Status == http.StatusUnauthorized:
		return Verdict{Act: SignInAgain}
	case f.Status == http.StatusRequestTimeout, f.Status == http.StatusTooEarly,
		f.Status == http.StatusTooManyRequests, f.Status == http.StatusLocked:
		return Verdict{Act: Retry}
	case f.Status == http.StatusNotImplemented, f.Status == http.StatusHTTPVersionNotSupported:
		return Verdict{Act: Fail}
	case f.Status >= 500:
		return Verdict{Act: Retry}
	}
	return Verdict{Act: Fail}
}

// byError judges a call that got no reply.
func byError(err error) Verdict {
	var unknown x509.UnknownAuthorityError
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	var record tls.RecordHeaderError
	var lookup *net.DNSError
	switch {
	case errors.As(err, &unknown), errors.As(err, &name), errors.As(err, &invalid), errors.As(err, &record):
		return Verdict{Act: Fail, Err: fault.Errorf(fault.You, "the host of the endpoint does not prove who it is: %w", err)}
	case errors.As(err, &lookup) && lookup.IsNotFound:
		return Verdict{Act: Retry, Err: fault.Errorf(fault.You, "there is no host %q; is the endpoint right?", lookup.Name)}
	}
	return Verdict{Act: Retry}
}

// party is who mends a status that its Judge left unexplained.
func party(status int) fault.Party {
	switch {
	case status == http.StatusUnauthorized, status == http.StatusForbidden, status == http.StatusPaymentRequired:
		return fault.You
	case status == http.StatusRequestTimeout, status == http.StatusTooEarly,
		status == http.StatusTooManyRequests, status == http.StatusLocked:
		return fault.Them
	case status >= 400 && status < 500:
		return fault.Us
	}
	return fault.Them
}

// describe is what a person reads of a failure that no Judge explained.
func describe(f Failure) error {
	if f.Status == 0 {
		return fault.Errorf(fault.Them, "no reply: %w", f.Err)
	}
	if f.Status < 300 {
		return fault.Errorf(fault.Them, "a web page came instead of data")
	}
	text := fault.Foreign(string(f.Body))
	if text == "" {
		return fault.Errorf(party(f.Status), "status %d", f.Status)
	}
	return fault.Errorf(party(f.Status), "status %d: %s", f.Status, text)
}

// isUnreachable tells whether no call to this host can succeed: it has no address, no
// door, or does not prove who it is.
func isUnreachable(err error) bool {
	var unknown x509.UnknownAuthorityError
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	return isDial(err) || errors.As(err, &unknown) || errors.As(err, &name) || errors.As(err, &invalid)
}

// IsLoopback tells whether a host is this machine, where nothing has to be encrypted. A
// name is not believed for its beginning: 127.evil.example is somebody else's.
func IsLoopback(host string) bool {
	return connectors.IsLoopback(host)
}

// isDial tells whether the request was certainly never sent.
func isDial(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial"
}
