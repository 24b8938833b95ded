package replica

import (
	"bytes"
	"encoding/binary"
	"errors"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/hub"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/room"
	"github.com/ivschat-local/ivschat-local/emulator/throttle"
	"github.com/ivschat-local/ivschat-local/internal/bytereader"
)

// An entry begins with the version of what follows, and its kind. Texts have their lengths before them. Numbers, also
// lengths, are those of binary.AppendUvarint.
const roomsVersion = 1

// The kinds of entries.
const (
	joinEntry        = 'j' // key of the room, user, number of the request
	leaveEntry       = 'l' // key of the room, number of the session
	publicationEntry = 'p' // see encodePublication
	forgetEntry      = 'f' // account
	dropEntry        = 'd' // keys of rooms
)

// appendKey appends the key of a room, which has the same meaning as its ARN.
func appendKey(to []byte, in ivschat.ARN) []byte {
	to = bytereader.AppendText(bytereader.AppendText(to, in.Owner.AccountID), in.Owner.Region)
	return bytereader.AppendText(to, in.ID)
}

// appendRoom appends the key of a room as a text.
func appendRoom(to []byte, in ivschat.ARN) []byte {
	var buffer [64]byte
	return bytereader.AppendText(to, appendKey(buffer[:0], in))
}

func decodeKey(key []byte) (ivschat.ARN, error) {
	in := readWire(key)
	arn := ivschat.ARN{
		Owner:        ivschat.Owner{AccountID: in.Text(), Region: in.Text()},
		ResourceType: ivschat.RoomResource, ID: in.Text(),
	}
	return arn, in.end()
}

// appendNumber appends a number that is not negative.
func appendNumber(to []byte, number int64) []byte { return binary.AppendUvarint(to, uint64(number)) }

// appendTime appends a time without its zone.
func appendTime(to []byte, t time.Time) []byte {
	return appendNumber(binary.AppendVarint(to, t.Unix()), int64(t.Nanosecond()))
}

func encodeJoin(in ivschat.ARN, user string, request uint64) []byte {
	entry := bytereader.AppendText(appendRoom([]byte{roomsVersion, joinEntry}, in), user)
	return binary.AppendUvarint(entry, request)
}

func encodeLeave(in ivschat.ARN, session int64) []byte {
	return appendNumber(appendRoom([]byte{roomsVersion, leaveEntry}, in), session)
}

func encodeForget(account string) []byte {
	return bytereader.AppendText([]byte{roomsVersion, forgetEntry}, account)
}

func encodeDrop(rooms []ivschat.ARN) []byte {
	entry := []byte{roomsVersion, dropEntry}
	for _, in := range rooms {
		entry = appendRoom(entry, in)
	}
	return entry
}

// A publication is a room.Publication in an entry.
type publication struct {
	key         []byte // of the room
	room        ivschat.ARN
	sender      int64 // number of its session, 0 if there is none
	limits      room.Limits
	now         time.Time // at which the limits apply
	cause       string
	time        time.Time
	closeReason hub.Reason
	closeUser   string
	frameKind   string
	payload     []byte
}

// encodePublication returns the entry for a publication whose limits apply now.
func encodePublication(in ivschat.ARN, p room.Publication, now time.Time) []byte {
	entry := make([]byte, 0, 160+len(p.CloseUser)+len(p.Frame.Payload))
	entry = appendRoom(append(entry, roomsVersion, publicationEntry), in)
	sender := int64(0)
	if p.Sender != nil {
		sender = p.Sender.Session
	}
	entry = appendTime(appendNumber(entry, sender), now)
	for _, limit := range p.Limits {
		entry = appendNumber(entry, int64(limit.PerSecond))
		if limit.PerSecond > 0 {
			entry = bytereader.AppendText(bytereader.AppendText(entry, limit.Key.Action), limit.Key.RoomID)
		}
	}
	entry = appendTime(bytereader.AppendText(entry, p.Cause), p.Time)
	entry = bytereader.AppendText(bytereader.AppendText(entry, p.CloseReason), p.CloseUser)
	return append(bytereader.AppendText(entry, p.Frame.Kind), p.Frame.Payload...)
}

// decodePublication decodes what encodePublication returns, after the version and the kind.
func (r *Rooms) decodePublication(in *wireReader) (p publication, err error) {
	p.key = in.Bytes()
	if p.room, err = r.arnOf(p.key); err != nil {
		return p, err
	}
	p.sender, p.now = in.number(), in.time()
	for i := range p.limits {
		if limit := &p.limits[i]; in.limit(limit) {
			limit.Key = throttle.Key{Action: r.word(in.Bytes()), Owner: p.room.Owner}
			if len(in.Bytes()) > 0 {
				limit.Key.RoomID = p.room.ID
			}
		}
	}
	p.cause, p.time = r.word(in.Bytes()), in.time()
	p.closeReason, p.closeUser = hub.Reason(r.word(in.Bytes())), in.Text()
	p.frameKind = r.word(in.Bytes())
	p.payload, in.Rest = bytes.Clone(in.Rest), nil // the journal keeps it, and not all that came with it
	return p, in.end()
}

// limit reads a rate, and reports whether it is a limit.
func (in *wireReader) limit(l *throttle.Limit) bool {
	l.PerSecond = int(in.number())
	return l.PerSecond > 0
}

// arnOf returns the ARN of the room with this key. That of a room with sessions is known.
func (r *Rooms) arnOf(key []byte) (ivschat.ARN, error) {
	r.mu.Lock()
	found := r.registry.rooms[string(key)]
	r.mu.Unlock()
	if found != nil {
		return found.arn, nil
	}
	return decodeKey(key)
}

// maximumWords is how many words are kept at most.
const maximumWords = 1000

// word returns a text of which there are few, so that each is in memory once.
func (r *Rooms) word(text []byte) string {
	if known, ok := r.words[string(text)]; ok {
		return known
	}
	word := string(text)
	if len(r.words) < maximumWords {
		r.words[word] = word
	}
	return word
}

// A wireReader reads an entry.
type wireReader struct{ bytereader.Reader }

// readWire returns a reader of an entry, or of a part of it.
func readWire(data []byte) wireReader { return wireReader{bytereader.Reader{Rest: data}} }

// number reads a number that is not negative.
func (in *wireReader) number() int64 {
	number := int64(in.Uvarint())
	if number < 0 {
		in.Fail()
		return 0
	}
	return number
}

func (in *wireReader) time() time.Time {
	seconds, n := binary.Varint(in.Rest)
	if n <= 0 {
		in.Fail()
		return time.Time{}
	}
	in.Rest = in.Rest[n:]
	return time.Unix(seconds, in.number()).UTC()
}

var errBadEntry = errors.New("it is too short or too long")

// end returns an error if the entry is bad, or has more.
func (in *wireReader) end() error {
	if in.Failed || len(in.Rest) > 0 {
		return errBadEntry
	}
	return nil
}
