package admin

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/journal"
)

// writeTimeout is how long a client may take to receive a piece of an answer, in the machine's time. Then
// it is disconnected (decision D44).
const writeTimeout = 10 * time.Second

// pieceBytes is the size at which a piece of an answer is sent.
const pieceBytes = 64 << 10

// A stream sends a long answer in pieces, so that only one of them is in memory.
type stream struct {
	w       http.ResponseWriter
	text    bytes.Buffer // not sent yet
	encoder *json.Encoder
	err     error // of the first piece that could not be sent
}

func newStream(w http.ResponseWriter) *stream {
	s := &stream{w: w}
	s.encoder = json.NewEncoder(&s.text)
	s.encoder.SetEscapeHTML(false) // as send
	return s
}

// sendPiece sends what there is if it is long enough.
func (s *stream) sendPiece() {
	if s.text.Len() >= pieceBytes {
		s.send()
	}
}

// send sends what there is.
func (s *stream) send() {
	if s.err == nil {
		s.err = sendPieces(s.w, s.text.Bytes())
	}
	s.text.Reset()
}

// flush sends what there is, and the status if it was not sent before, and everything that the server has
// kept back.
func (s *stream) flush() {
	s.send()
	if s.err == nil {
		setDeadline(s.w)
		s.err = http.NewResponseController(s.w).Flush()
	}
}

// sendList sends the next entries as an object with the member items, at most count of them. If that is
// negative, it sends all. The function returns the other members.
func (s *stream) sendList(r *journal.Reader, count int, rest func(sentEntries) listEnd) {
	s.text.WriteString(`{"items":[`)
	members, _ := json.Marshal(rest(s.addEntries(r, count))) // never fails
	fmt.Fprintf(&s.text, "],%s\n", members[1:])
	s.send()
}

// addEntries adds the items of a list.
func (s *stream) addEntries(r *journal.Reader, count int) (sent sentEntries) {
	last := r.Last() // what is added meanwhile could go on for ever
	for sent.count != count {
		batch := r.Next()
		sent.missed += batch.Missed
		for _, entry := range batch.Entries {
			if entry.ID > last {
				return sent
			}
			if sent.count > 0 {
				s.text.WriteByte(',')
			}
			_ = s.encoder.Encode(entry) // never fails
			sent.count, sent.last = sent.count+1, entry.ID
			if s.sendPiece(); s.err != nil || sent.count == count {
				return sent
			}
		}
		if batch.End {
			break
		}
	}
	return sent
}

// sentEntries says which entries of a list were sent.
type sentEntries struct {
	count  int
	last   uint64 // ID of the last one
	missed uint64 // at most how many were dropped between them
}
