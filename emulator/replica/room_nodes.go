package replica

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/ivschat-local/ivschat-local/emulator/hub"
	"github.com/ivschat-local/ivschat-local/emulator/room"
)

// The questions about the sessions of a node, which methods of its room.Rooms answer.
const (
	selectQuestion = "rooms.select"
	endQuestion    = "rooms.end"
	closeQuestion  = "rooms.close"
)

// A roomsQuestion is a question, with the members that it needs.
type roomsQuestion struct {
	Select  room.Selection `json:",omitzero"`
	Account string         `json:",omitempty"`
	Session int64          `json:",omitempty"`
	End     room.End       `json:",omitzero"`
	Reason  hub.Reason     `json:",omitempty"`
}

// answer makes this node answer the questions.
func (r *Rooms) answer() {
	for question, answer := range map[string]func(roomsQuestion) any{
		selectQuestion: func(q roomsQuestion) any { return r.local.SelectHere(q.Select) },
		endQuestion:    func(q roomsQuestion) any { return r.local.EndHere(q.Account, q.Session, q.End) },
		closeQuestion: func(q roomsQuestion) any {
			r.local.CloseHere(q.Account, q.Reason)
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
func (r *Rooms) ask(
	ctx context.Context, question string, q roomsQuestion, read func(node string, text []byte) error,
) error {
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

// Select implements room.Nodes.
func (r *Rooms) Select(ctx context.Context, s room.Selection) (all []room.RoomSessions, err error) {
	err = r.ask(ctx, selectQuestion, roomsQuestion{Select: s}, func(node string, text []byte) error {
		var found []room.RoomSessions
		err := json.Unmarshal(text, &found)
		for _, in := range found {
			for i := range in.Listed {
				in.Listed[i].Node = node
			}
		}
		all = append(all, found...)
		return err
	})
	return all, err
}

// End implements room.Nodes.
func (r *Rooms) End(ctx context.Context, account string, id int64, end room.End) (found bool, err error) {
	q := roomsQuestion{Account: account, Session: id, End: end}
	err = r.ask(ctx, endQuestion, q, func(_ string, text []byte) error {
		var foundHere bool
		err := json.Unmarshal(text, &foundHere)
		found = found || foundHere
		return err
	})
	return found, err
}

// Close implements room.Nodes.
func (r *Rooms) Close(account string, reason hub.Reason) error {
	q := roomsQuestion{Account: account, Reason: reason}
	return r.ask(context.Background(), closeQuestion, q, func(string, []byte) error { return nil })
}
