package emulator

import (
	"io"
	"net/http"
	"os"
	"time"
)

// Clients decide how long a body is and how slowly it arrives, and a body stays in memory until its request
// is answered. So only a few long ones are read at the same time (decision D60).
const (
	shortBody   = 16 << 10 // in bytes; nearly every request has less
	maximumLong = 16       // how many longer ones are read at the same time
)

// bodies limits how many long bodies are in memory. It is safe for concurrent use.
type bodies struct {
	long     chan struct{}   // has an element for each long body
	stopping <-chan struct{} // closed when the emulator begins to stop
}

func newBodies(stopping <-chan struct{}) bodies {
	return bodies{make(chan struct{}, maximumLong), stopping}
}

// limit returns the handler with a limit for the bodies that it reads.
func (b bodies) limit(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Body != http.NoBody {
			body := &countedBody{ReadCloser: r.Body, bodies: b, left: shortBody}
			defer body.end()
			r.Body = body
		}
		next.ServeHTTP(w, r)
	})
}

// A countedBody is a body that waits for its turn when it turns out to be long.
type countedBody struct {
	io.ReadCloser
	bodies bodies
	left   int // bytes until it counts as long
	long   bool
}

// Read implements io.Reader. Time in the queue counts like time in which nothing arrives.
func (b *countedBody) Read(p []byte) (int, error) {
	if b.left == 0 && !b.long {
		timeout := time.NewTimer(bodyTimeout)
		defer timeout.Stop()
		select {
		case b.bodies.long <- struct{}{}:
			b.long = true
		case <-timeout.C:
			return 0, os.ErrDeadlineExceeded
		case <-b.bodies.stopping:
			return 0, http.ErrServerClosed
		}
	}
	if !b.long {
		p = p[:min(len(p), b.left)]
	}
	n, err := b.ReadCloser.Read(p)
	b.left = max(0, b.left-n)
	return n, err
}

// end lets the next long body be read.
func (b *countedBody) end() {
	if b.long {
		<-b.bodies.long
	}
}
