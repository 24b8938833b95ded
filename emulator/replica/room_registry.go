package replica

import (
	"cmp"
	"errors"
	"slices"
	"sort"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/internal/bytereader"
)

// A registry is what all nodes know about rooms and their sessions. Only entries of the log change it. It finds rooms
// by their keys, see appendKey.
type registry struct {
	last  int64                 // number of the latest session
	rooms map[string]*roomState // that have sessions or messages
	idle  int                   // number of rooms without sessions
}

// A roomState is what all nodes know about a room.
type roomState struct {
	arn      ivschat.ARN
	messages int64                 // that were accepted
	sessions map[int64]participant // by their numbers
}

// A participant is a session as all nodes know it.
type participant struct {
	node string // ID
	user string // ID
}

// join adds a session and returns its number.
func (r *registry) join(key string, arn ivschat.ARN, p participant) int64 {
	in := r.rooms[key]
	switch {
	case in == nil:
		in = &roomState{arn: arn, sessions: map[int64]participant{}}
		r.rooms[key] = in
	case len(in.sessions) == 0:
		r.idle--
	}
	r.last++
	in.sessions[r.last] = p
	return r.last
}

// leave removes a session, unless it was removed before.
func (r *registry) leave(key string, number int64) {
	in := r.rooms[key]
	if in == nil {
		return
	}
	if _, ok := in.sessions[number]; ok {
		delete(in.sessions, number)
		r.removedFrom(key, in)
	}
}

// An endedSession is a session that ended with its node.
type endedSession struct {
	number int64
	room   ivschat.ARN
	user   string
}

// gone removes all sessions of a node, and returns them in the order of their numbers.
func (r *registry) gone(node string) (ended []endedSession) {
	for key, in := range r.rooms {
		r.remove(key, in, func(number int64, p participant) bool {
			if p.node == node {
				ended = append(ended, endedSession{number, in.arn, p.user})
			}
			return p.node == node
		})
	}
	slices.SortFunc(ended, func(a, b endedSession) int { return cmp.Compare(a.number, b.number) })
	return ended
}

// remove removes sessions from a room.
func (r *registry) remove(key string, in *roomState, remove func(number int64, p participant) bool) {
	before := len(in.sessions)
	for number, p := range in.sessions {
		if remove(number, p) {
			delete(in.sessions, number)
		}
	}
	if len(in.sessions) < before {
		r.removedFrom(key, in)
	}
}

// removedFrom is called when a room has fewer sessions than before.
func (r *registry) removedFrom(key string, in *roomState) {
	switch {
	case len(in.sessions) > 0:
	case in.messages == 0:
		delete(r.rooms, key)
	default:
		r.idle++
	}
}

// publish reports whether a publication is accepted, and returns its number of recipients. It counts a message, and
// removes the sessions that are closed after the frame.
func (r *registry) publish(p *publication) (recipients int, ok bool) {
	in := r.rooms[string(p.key)]
	if p.sender != 0 {
		if in == nil {
			return 0, false
		}
		if _, ok := in.sessions[p.sender]; !ok {
			return 0, false
		}
		in.messages++
	}
	if in == nil {
		return 0, true
	}
	recipients = len(in.sessions)
	if p.closeReason != "" {
		r.remove(string(p.key), in, func(_ int64, s participant) bool { return s.user == p.closeUser })
	}
	return recipients, true
}

// forget counts the messages of an account, or all if it is "", from 0 again.
func (r *registry) forget(account string) {
	for key, in := range r.rooms {
		if account == "" || in.arn.Owner.AccountID == account {
			in.messages = 0
			r.drop(key)
		}
	}
}

// drop removes a room unless it has sessions.
func (r *registry) drop(key string) {
	if in := r.rooms[key]; in != nil && len(in.sessions) == 0 {
		delete(r.rooms, key)
		r.idle--
	}
}

// A savedRoom is a copy of a room for another node.
type savedRoom struct {
	key      string
	messages int64
	sessions []savedSession
}

type savedSession struct {
	number int64
	participant
}

// Save implements cluster.Part. The sessions are copied, and encoded later.
func (r *Rooms) Save() (encode func() ([]byte, error)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	last := r.registry.last
	rooms := make([]savedRoom, 0, len(r.registry.rooms))
	for key, in := range r.registry.rooms {
		saved := savedRoom{key, in.messages, make([]savedSession, 0, len(in.sessions))}
		for number, p := range in.sessions {
			saved.sessions = append(saved.sessions, savedSession{number, p})
		}
		rooms = append(rooms, saved)
	}
	return func() ([]byte, error) { return encodeState(last, rooms), nil }
}

// encodeState returns the same bytes for equal states.
func encodeState(last int64, rooms []savedRoom) []byte {
	text := appendNumber([]byte{roomsVersion}, last)
	sort.Slice(rooms, func(i, j int) bool { return rooms[i].key < rooms[j].key })
	for _, in := range rooms {
		text = appendNumber(bytereader.AppendText(text, in.key), in.messages)
		text = appendNumber(text, int64(len(in.sessions)))
		sort.Slice(in.sessions, func(i, j int) bool { return in.sessions[i].number < in.sessions[j].number })
		for _, s := range in.sessions {
			text = bytereader.AppendText(bytereader.AppendText(appendNumber(text, s.number), s.node), s.user)
		}
	}
	return text
}

// Load implements cluster.Part.
func (r *Rooms) Load(state []byte) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.loseLocked()
	if state == nil {
		return nil
	}
	in := readWire(state)
	if in.Byte() != roomsVersion {
		return errors.New("the state of the rooms has another version: use the same version on all nodes")
	}
	r.registry.last = in.number()
	for len(in.Rest) > 0 {
		key := in.Text()
		arn, err := decodeKey([]byte(key))
		if err != nil {
			return err
		}
		found := &roomState{arn: arn, messages: in.number(), sessions: map[int64]participant{}}
		for count := in.number(); count > 0 && !in.Failed; count-- {
			number := in.number()
			node := r.word(in.Bytes())
			found.sessions[number] = participant{node, in.Text()}
		}
		r.registry.rooms[key] = found
		if len(found.sessions) == 0 {
			r.registry.idle++
		}
	}
	return in.end()
}
