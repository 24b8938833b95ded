package sigv4

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// skew is how much the clocks of a client and of the service may differ. It is in the texts of the service's answers.
const skew = 5 * time.Minute

// maximumExpires is for how many seconds a presigned request can be valid
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-authentication-methods.html).
const maximumExpires = 7 * 24 * 60 * 60

// The formats of the times in a request, and of the day in a scope.
const (
	timeFormat = "20060102T150405Z"
	dayFormat  = "20060102"
)

// Check checks all of a signature that does not depend on a secret, at a time of the machine's clock: which headers it
// covers, the scope, and the time (decision D77). The error is an *ivschat.Exception.
func (s *Signature) Check(r *http.Request, now time.Time) error {
	if err := s.checkSignedHeaders(r); err != nil {
		return err
	}
	text, err := s.time(r)
	if err != nil {
		return err
	}
	at, err := time.Parse(timeFormat, text)
	if err != nil || len(text) != len(timeFormat) { // it could have a fraction
		return incomplete(fmt.Sprintf(
			"Date must be in ISO-8601 'basic format'. Got '%.40s'. See http://en.wikipedia.org/wiki/ISO_8601", text))
	}
	if day := at.Format(dayFormat); day != s.date {
		return invalid("Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: "+
			"'%s' != '%s', from '%s'.", s.date, day, text)
	}
	if _, region := ivschat.ParseHost(r.Host); region != "" && region != s.Region {
		return invalid("Credential should be scoped to a valid region, not '%s'.", s.Region)
	}
	return s.checkTime(at, now.UTC().Truncate(time.Second))
}

// checkSignedHeaders checks that the host is signed, and each header that begins with X-Amz-.
func (s *Signature) checkSignedHeaders(r *http.Request) error {
	var room [16]string
	signed := s.headerNames(room[:0]) // sorted, because there can be tens of thousands, and as many headers
	if _, found := slices.BinarySearch(signed, "host"); !found {
		return invalid("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.")
	}
	missing := ""
	for name := range r.Header {
		if strings.HasPrefix(name, "X-Amz-") && (missing == "" || name < missing) {
			if _, found := slices.BinarySearch(signed, strings.ToLower(name)); !found {
				missing = name
			}
		}
	}
	if missing != "" {
		return invalid("'%s' must be a 'SignedHeader' in the AWS Authorization.", missing)
	}
	return nil
}

// time returns the time of a request, as it was sent
// (https://docs.aws.amazon.com/general/latest/gr/sigv4-date-handling.html).
func (s *Signature) time(r *http.Request) (string, error) {
	if s.query != nil {
		return s.once("X-Amz-Date")
	}
	for _, name := range []string{"X-Amz-Date", "Date"} {
		if text := r.Header.Get(name); text != "" {
			return text, nil
		}
	}
	return "", incomplete("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.")
}

// checkTime checks that a request of a time is valid now. Both are in whole seconds.
func (s *Signature) checkTime(at, now time.Time) error {
	if latest := now.Add(skew); at.After(latest) {
		return invalid("Signature not yet current: %s is still later than %s (%s + 5 min.)",
			at.Format(timeFormat), latest.Format(timeFormat), now.Format(timeFormat))
	}
	if s.query.Has("X-Amz-Expires") {
		return s.checkExpires(at, now)
	}
	if earliest := now.Add(-skew); at.Before(earliest) {
		return invalid("Signature expired: %s is now earlier than %s (%s - 5 min.)",
			at.Format(timeFormat), earliest.Format(timeFormat), now.Format(timeFormat))
	}
	return nil
}

// checkExpires checks that a presigned request of a time is valid now (decision D78).
func (s *Signature) checkExpires(at, now time.Time) error {
	text, err := s.once("X-Amz-Expires")
	if err != nil {
		return err
	}
	seconds, err := strconv.Atoi(text)
	if err != nil || seconds < 1 || seconds > maximumExpires {
		return incomplete(fmt.Sprintf(
			"X-Amz-Expires must be a number of seconds from 1 to %d, but is %.40q", maximumExpires, text))
	}
	if end := at.Add(time.Duration(seconds) * time.Second); now.After(end) {
		return &ivschat.Exception{
			Type: ivschat.RequestExpired,
			Message: fmt.Sprintf("Request has expired: it was valid until %s, and it is now %s",
				end.Format(timeFormat), now.Format(timeFormat)),
		}
	}
	return nil
}

// once returns a parameter that a presigned request must have once.
func (s *Signature) once(name string) (string, error) {
	values := s.query[name]
	if len(values) > 1 {
		return "", incomplete("A presigned request must have " + name + " once, but has it several times")
	}
	if len(values) == 0 || values[0] == "" {
		return "", incomplete("A presigned request must have " + name)
	}
	return values[0], nil
}
