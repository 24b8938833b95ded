package replica

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/ivschat-local/ivschat-local/emulator/hub"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/room"
)

// The questions about the sessions of a node. Each is answered by the method of room.Rooms of the same name.
const (
	infosQuestion    = "rooms.infos"
	endOneQuestion   = "rooms.endOne"
	closeAllQuestion = "rooms.closeAll"
)

// A roomsQuestion is a question, with the members that it needs.
type roomsQuestion struct {
	Account string      `json:",omitempty"`
	Room    ivschat.ARN `json:",omitzero"`
	Session int64       `json:",omitempty"`
	End     room.End    `json:",omitzero"`
	Reason  hub.Reason  `json:",omitempty"`
}

// answer makes this node answer the questions.
func (r *Rooms) answer() {
	for question, answer := range map[string]func(roomsQuestion) any{
		infosQuestion:  func(q roomsQuestion) any { return r.local.Infos(q.Account, q.Room) },
		endOneQuestion: func(q roomsQuestion) any { return r.local.EndOne(q.Account, q.Session, q.End) },
		closeAllQuestion: func(q roomsQuestion) any {
			r.local.CloseAll(q.Account, q.Reason)
			return nil
		},
	} {
		r.cluster.Answer(question, func(request []byte) ([]byte, error) {
			var q roomsQuestion
			if err := json.Unmarshal(request, &q); err != nil {
				return nil, err
			}
			return json.Marshal(answer(q))
		})
	}
}

// ask asks all nodes, and calls read with what each answers and the node's name.
func (r *Rooms) ask(ctx context.Context, question string, q roomsQuestion, read func(node string, text []byte) error) error {
	request, err := json.Marshal(q)
	if err != nil {
		return err
	}
	answers, err := r.cluster.Ask(ctx, question, request)
	if err != nil {
		return err
	}
	for _, answer := range answers {
		if err := read(answer.Node.Name, answer.Data); err != nil {
			return fmt.Errorf("the answer of node %s: %w", answer.Node.Name, err)
		}
	}
	return nil
}

// Infos implements room.Nodes.
func (r *Rooms) Infos(ctx context.Context, account string, in ivschat.ARN) (all []room.SessionInfo, err error) {
	err = r.ask(ctx, infosQuestion, roomsQuestion{Account: account, Room: in}, func(node string, text []byte) error {
		var infos []room.SessionInfo
		err := json.Unmarshal(text, &infos)
		for _, info := range infos {
			info.Node = node
			all = append(all, info)
		}
		return err
	})
	return all, err
}

// EndOne implements room.Nodes.
func (r *Rooms) EndOne(ctx context.Context, account string, id int64, end room.End) (found bool, err error) {
	q := roomsQuestion{Account: account, Session: id, End: end}
	err = r.ask(ctx, endOneQuestion, q, func(_ string, text []byte) error {
		var foundHere bool
		err := json.Unmarshal(text, &foundHere)
		found = found || foundHere
		return err
	})
	return found, err
}

// CloseAll implements room.Nodes.
func (r *Rooms) CloseAll(account string, reason hub.Reason) error {
	q := roomsQuestion{Account: account, Reason: reason}
	return r.ask(context.Background(), closeAllQuestion, q, func(string, []byte) error { return nil })
}
