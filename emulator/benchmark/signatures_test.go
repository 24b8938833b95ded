//go:build unix

package benchmark_test

import (
	"bytes"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/sigv4"
)

// The access key of verifyingPeer, and its credentials file.
var key = sigv4.Key{AccessKeyID: "BENCHMARK", SecretAccessKey: "benchmark"}

const credentials = `[{"accessKeyId": "BENCHMARK", "secretAccessKey": "benchmark"}]`

// The measures of signed calls.
const (
	signedCalls     = "CreateChatToken, signed"
	ratioUnverified = "times the requests/s without verification"
)

// BenchmarkSignatures measures how many signed calls of CreateChatToken are answered per second, by an emulator that
// verifies signatures and by one that does not, in turns. The callers sign each request.
func BenchmarkSignatures(b *testing.B) {
	const callers = 32
	for b.Loop() {
		plain, verifying := startPeer(b, emulatorInMemory), startPeer(b, verifyingPeer)
		for range orOnce(5) {
			without := plain.createTokens(b, callers)
			with := verifying.createTokens(b, callers)
			record(b, signedCalls+", not verified", emulatorInMemory, "requests/s", moreIsBetter, without.perSecond())
			with.record(b, signedCalls, emulatorInMemory)
			record(b, signedCalls, emulatorInMemory, ratioUnverified, moreIsBetter, with.perSecond()/without.perSecond())
		}
	}
}

// createTokens creates chat tokens for a while, with a signature for each call.
func (p *peer) createTokens(b *testing.B, callers int) calls {
	b.Helper()
	body := strings.Replace(createChatToken, "ROOM", p.room, 1)
	return p.callWith(b, func() []byte {
		var text bytes.Buffer
		if err := p.sign(b, "CreateChatToken", body).Write(&text); err != nil {
			b.Error(err)
		}
		return text.Bytes()
	}, callers, orShort(700*time.Millisecond))
}

// sign returns a signed request for an operation.
func (p *peer) sign(b testing.TB, operation, body string) *http.Request {
	r, err := http.NewRequest(http.MethodPost, p.url+"/"+operation, strings.NewReader(body))
	if err != nil {
		b.Error(err)
		return nil
	}
	r.Header.Set("Content-Type", "application/json")
	sigv4.Sign(r, []byte(body), key, "us-east-1", time.Now())
	return r
}
