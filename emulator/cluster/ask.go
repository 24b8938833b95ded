package cluster

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/ivschat-local/ivschat-local/internal/bytereader"
)

// An Answer is what a node has answered to a question.
type Answer struct {
	Node Node
	Data []byte
}

type answerFunc func(request []byte) ([]byte, error)

// Answer says what this node answers to a question of another node. Questions are answered at the same time.
// Call it before Join.
func (c *Cluster) Answer(question string, f func(request []byte) ([]byte, error)) {
	c.answers[question] = f
}

// flushQuestion asks a node to send everything that it has posted.
const flushQuestion = "flush"

// Barrier returns when everything is applied here that the live nodes have posted or done before the call.
func (c *Cluster) Barrier(ctx context.Context) error {
	answers, err := c.Ask(ctx, flushQuestion, nil)
	if err != nil {
		return err
	}
	latest := uint64(0)
	for _, answer := range answers {
		sequence, _ := binary.Uvarint(answer.Data)
		latest = max(latest, sequence)
	}
	for began := time.Now(); c.applier.sequence() < latest; {
		if time.Since(began) > doTimeout {
			return c.unavailable("the entries of the log up to %d have not come for %s", latest, doTimeout)
		}
		if !sleep(ctx, 200*time.Microsecond) {
			return ctx.Err()
		}
	}
	return nil
}

// flushed answers with the place of an entry after all that this node has posted.
func (c *Cluster) flushed([]byte) ([]byte, error) {
	o := c.append(&pending{part: membersPart, data: change{Kind: nothing}.encode()})
	return binary.AppendUvarint(nil, o.sequence), o.err
}

// The first byte of an answer to a question.
const (
	answerError = iota
	answerWhole
	answerPieces // the ID of the rest and its size follow, and the asker gets it piece by piece
)

// pieceQuestion asks for a piece of an answer.
const pieceQuestion = "piece"

// pieces are answers that do not fit into one message.
type pieces struct {
	mu   sync.Mutex // guards what follows
	last uint64
	byID map[uint64]longAnswer
}

// A longAnswer is kept until its timer forgets it.
type longAnswer struct {
	text  []byte
	timer *time.Timer
}

// pieceTimeout is how long an answer is kept until its asker wants the next piece.
const pieceTimeout = 10 * time.Second

// add keeps an answer, and returns its ID.
func (p *pieces) add(text []byte) uint64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.byID == nil {
		p.byID = map[uint64]longAnswer{}
	}
	p.last++
	id := p.last
	p.byID[id] = longAnswer{text, time.AfterFunc(pieceTimeout, func() { p.forget(id) })}
	return id
}

func (p *pieces) forget(id uint64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.byID, id)
}

// piece returns the piece of an answer that begins there.
func (p *pieces) piece(request []byte, size int) ([]byte, error) {
	r := bytereader.Reader{Rest: request}
	id, from := r.Uvarint(), r.Uvarint()
	p.mu.Lock()
	defer p.mu.Unlock()
	answer := p.byID[id]
	text := answer.text
	if from >= uint64(len(text)) {
		return nil, fmt.Errorf("there is no piece %d of the answer %d", from, id)
	}
	answer.timer.Reset(pieceTimeout)
	end := min(from+uint64(size), uint64(len(text)))
	if end == uint64(len(text)) {
		defer delete(p.byID, id)
	}
	return text[from:end], nil
}

// asked is called with a question of another node.
func (c *Cluster) asked(m *nats.Msg) {
	_, question, _ := strings.Cut(m.Subject[len(c.subject("ask.")):], ".") // the ID of this node is before it
	go func() {
		var answer []byte
		err := errors.New("this node does not know the question: use the same version on all nodes")
		if question == pieceQuestion {
			answer, err = c.pieces.piece(m.Data, c.pieceSize())
		} else if f := c.answers[question]; f != nil {
			answer, err = f(m.Data)
		}
		switch {
		case err != nil:
			answer = append([]byte{answerError}, err.Error()...)
		case len(answer) <= c.pieceSize():
			answer = append([]byte{answerWhole}, answer...)
		default:
			id := c.pieces.add(answer)
			answer = binary.AppendUvarint(binary.AppendUvarint([]byte{answerPieces}, id), uint64(len(answer)))
		}
		_ = m.Respond(answer) // if it fails, the other node asks again
	}()
}

// askNode asks one node, and returns its whole answer.
func (c *Cluster) askNode(ctx context.Context, id, question string, request []byte) ([]byte, error) {
	if id == c.Self().ID {
		return c.answers[question](request)
	}
	kind, answer, err := c.askOnce(ctx, id, question, request)
	if err != nil || kind == answerWhole {
		return answer, err
	}
	r := bytereader.Reader{Rest: answer}
	token, size := r.Uvarint(), r.Uvarint()
	if r.Failed {
		return nil, errTruncated
	}
	var whole []byte
	for uint64(len(whole)) < size {
		next := binary.AppendUvarint(binary.AppendUvarint(nil, token), uint64(len(whole)))
		_, piece, err := c.askOnce(ctx, id, pieceQuestion, next)
		if err != nil {
			return nil, err
		}
		whole = append(whole, piece...)
	}
	return whole, nil
}

// askOnce sends one request, and returns the kind of the answer and what follows it.
func (c *Cluster) askOnce(
	ctx context.Context, id, question string, request []byte,
) (kind byte, rest []byte, err error) {
	answer, err := c.nc.RequestWithContext(ctx, c.subject("ask."+id+"."+question), request)
	if err != nil {
		return 0, nil, err
	}
	if len(answer.Data) == 0 {
		return 0, nil, errors.New("the answer of a node is empty")
	}
	if answer.Data[0] == answerError {
		return 0, nil, fmt.Errorf("a node answers: %s", answer.Data[1:])
	}
	return answer.Data[0], answer.Data[1:], nil
}

// askPause is how long a node waits until it asks another one again.
const askPause = 100 * time.Millisecond

// Ask asks all live nodes a question, and returns the answers, that of this node first. A node that goes
// meanwhile is left out. The error is an ErrUnavailable. A question that takes longer than six seconds needs a
// context with a deadline.
func (c *Cluster) Ask(ctx context.Context, question string, request []byte) ([]Answer, error) {
	if !c.members.isMember() {
		return nil, c.unavailable("this node is not a member of it now")
	}
	nodes, self := c.Members(), c.Self()
	answers := make([]Answer, 1, len(nodes))
	var mu sync.Mutex // guards answers and failed
	var failed error
	var asking sync.WaitGroup
	for _, node := range nodes {
		asking.Go(func() {
			text, err := c.askMember(ctx, node, question, request)
			mu.Lock()
			defer mu.Unlock()
			switch {
			case errors.Is(err, errGone):
			case err != nil:
				failed = err
			case node.ID == self.ID:
				answers[0] = Answer{node, text}
			default:
				answers = append(answers, Answer{node, text})
			}
		})
	}
	asking.Wait()
	if failed == nil && answers[0].Node.ID == "" {
		failed = c.unavailable("this node is not a member of it any more")
	}
	if failed != nil {
		return nil, failed
	}
	return answers, nil
}

// errGone is the reason if a node has left while it was asked.
var errGone = errors.New("the node is gone")

// askMember asks a node until it answers or is gone.
func (c *Cluster) askMember(ctx context.Context, node Node, question string, request []byte) ([]byte, error) {
	if _, limited := ctx.Deadline(); !limited {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, allTimeout)
		defer cancel()
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		c.members.awaitGone(ctx, node.ID)
		cancel()
	}()
	for {
		text, err := c.askNode(ctx, node.ID, question, request)
		if err == nil {
			return text, nil
		}
		again := errors.Is(err, nats.ErrNoResponders)
		if again { // a node that was killed has none until it is gone, which ends the pause
			sleep(ctx, askPause)
		}
		switch {
		case !c.members.has(node.ID):
			return nil, errGone
		case ctx.Err() != nil:
			return nil, c.unavailable("node %s has not answered in time", node.Name)
		case !again:
			return nil, c.unavailable("node %s: %v", node.Name, err)
		}
	}
}

// awaitGone waits until a node is not a member any more, or the context ends.
func (m *members) awaitGone(ctx context.Context, id string) {
	for {
		m.mu.Lock()
		has, changed := m.hasLocked(id), m.changed
		m.mu.Unlock()
		if !has {
			return
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return
		}
	}
}

func (m *members) has(id string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.hasLocked(id)
}
