package sigv4

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestAPresignedRequestIsValidForSomeSeconds(t *testing.T) {
	const again = "A presigned request must have X-Amz-Expires once, but has it several times"
	outOfRange := func(text string) string {
		return "IncompleteSignature: X-Amz-Expires must be a number of seconds from 1 to 604800, but is " + text
	}
	for _, test := range []struct {
		query string
		after time.Duration
		want  string // "" if it is valid
	}{
		{"", 5 * time.Minute, ""},
		{"", 5*time.Minute + time.Second, "InvalidSignatureException: Signature expired: 20260102T235800Z is now earlier " +
			"than 20260102T235801Z (20260103T000301Z - 5 min.)"},
		{"", -5*time.Minute - time.Second, "InvalidSignatureException: Signature not yet current: 20260102T235800Z is " +
			"still later than 20260102T235759Z (20260102T235259Z + 5 min.)"},
		{"?X-Amz-Expires=1", time.Second + 999*time.Millisecond, ""},
		{"?X-Amz-Expires=1", 2 * time.Second,
			"RequestExpired: Request has expired: it was valid until 20260102T235801Z, and it is now 20260102T235802Z"},
		{"?X-Amz-Expires=1", -5 * time.Minute, ""},
		{"?X-Amz-Expires=3600", time.Hour, ""},
		{"?X-Amz-Expires=604800", 7 * 24 * time.Hour, ""},
		{"?X-Amz-Expires=604801", 0, outOfRange(`"604801"`)},
		{"?X-Amz-Expires=0", 0, outOfRange(`"0"`)},
		{"?X-Amz-Expires=-1", 0, outOfRange(`"-1"`)},
		{"?X-Amz-Expires=18446744073709551617", 0, outOfRange(`"18446744073709551617"`)},
		{"?X-Amz-Expires=", 0, "IncompleteSignature: A presigned request must have X-Amz-Expires"},
		{"?X-Amz-Expires=1&X-Amz-Expires=2", 0, "IncompleteSignature: " + again},
	} {
		r := call{method: "POST", target: "/ListRooms" + test.query}.presigned(t)
		signature, err := Read(r)
		if err != nil {
			t.Fatal(err)
		}
		if err = signature.Check(r, testTime.Add(test.after)); err == nil {
			err = signature.Verify(r, nil, testSecret)
		}
		got := ""
		if err != nil {
			got = err.Error()
		}
		if got != test.want {
			t.Errorf("%s after %s:\ngot  %s\nwant %s", test.query, test.after, got, test.want)
		}
	}
}

func TestAPresignedRequestNeedsItsTimeOnce(t *testing.T) {
	for replacement, want := range map[string]string{
		"": "A presigned request must have X-Amz-Date",
		"&X-Amz-Date=20260102T235800Z&X-Amz-Date=20260102T235800Z": "A presigned request must have X-Amz-Date once, " +
			"but has it several times",
	} {
		r := call{method: "POST", target: "/ListRooms"}.presigned(t)
		r.URL.RawQuery = strings.Replace(r.URL.RawQuery, "&X-Amz-Date=20260102T235800Z", replacement, 1)
		r.Header.Set("Date", "20260102T235800Z")
		if got := exceptionOf(t, verify(r, testSecret)); got.message != want || got.name != "IncompleteSignature" {
			t.Errorf("%q: %+v", replacement, got)
		}
	}
}

func TestTheSessionTokenIsInTheHeaderOrInTheQuery(t *testing.T) {
	for _, r := range []*http.Request{
		call{method: "POST", target: "/ListRooms", token: "token"}.signed(t),
		call{method: "POST", target: "/ListRooms", token: "token"}.presigned(t),
	} {
		signature, err := Read(r)
		if err != nil || signature.SessionToken(r) != "token" {
			t.Errorf("%s: %v %v", r.URL, signature, err)
		}
		r.Header.Add("X-Amz-Security-Token", "other")
		if got := signature.SessionToken(r); got == "token" || got == "other" {
			t.Errorf("of two tokens, one is %s", got)
		}
	}
}
