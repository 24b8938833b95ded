package emulator

import (
	"bufio"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// answer sends the first line of a request and a header, and returns the status of the answer.
func (t *slowTest) answer(line, header string) int {
	t.Helper()
	conn, err := t.dial(t.Context(), "tcp", "")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	go fmt.Fprintf(conn, "%s HTTP/1.1\r\nHost: localhost\r\n%s\r\n", line, header)
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	return response.StatusCode
}

func TestTheHeaderOfARequestIsLimited(t *testing.T) {
	slowly(t, func(t *slowTest) {
		long := strings.Repeat("x", 256<<10)
		var many strings.Builder
		for i := range 20_000 {
			fmt.Fprintf(&many, "X-%d: 1\r\n", i)
		}
		for name, status := range map[string]int{
			"a long path":   t.answer("POST /"+long, ""),
			"a long header": t.answer("GET /_ivschat/v1/clock", "X-Long: "+long+"\r\n"),
			"many headers":  t.answer("GET /_ivschat/v1/clock", many.String()),
		} {
			if status != http.StatusRequestHeaderFieldsTooLarge {
				t.Errorf("%s: status %d", name, status)
			}
		}
	})
}

func TestTheLongestRequestOfTheModelHasAHeaderThatIsShortEnough(t *testing.T) {
	slowly(t, func(t *slowTest) {
		query := url.Values{}
		for i := range 50 {
			query.Add("tagKeys", fmt.Sprintf("%02d", i)+strings.Repeat("𝐚", 126)) // a letter of four bytes
		}
		signature := "Authorization: AWS4-HMAC-SHA256 Credential=123456789012/20260101/us-east-1/ivschat/aws4_request, " +
			"SignedHeaders=host, Signature=00\r\n"
		if status := t.answer("DELETE /tags/"+t.room+"?"+query.Encode(), signature); status != http.StatusOK {
			t.Errorf("UntagResource: status %d", status)
		}
	})
}
