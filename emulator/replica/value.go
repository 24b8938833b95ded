package replica

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"

	"github.com/ivschat-local/ivschat-local/emulator/cluster"
)

// A valuePart is a part of the cluster whose changes and whose state are values, which it encodes in JSON.
type valuePart[Change, Result, State any] struct {
	cluster Cluster
	name    string // in the log
	logger  *slog.Logger

	apply func(Change) (Result, error) // an error changes nothing
	save  func() State
	load  func(State) error
}

// handle makes it a part of the cluster.
func (p *valuePart[Change, Result, State]) handle() *valuePart[Change, Result, State] {
	p.cluster.Handle(p.name, p)
	return p
}

// do has a change applied by all nodes, and returns what apply returned on this one.
func (p *valuePart[Change, Result, State]) do(change Change) (Result, error) {
	return p.result(p.cluster.Do(p.name, encode(change)))
}

// doOnAll is do, but returns when all nodes have applied the change.
func (p *valuePart[Change, Result, State]) doOnAll(change Change) (Result, error) {
	return p.result(p.cluster.DoOnAll(p.name, encode(change)))
}

// An outcome is what apply returned.
type outcome[Result any] struct {
	result Result
	err    error
}

func (p *valuePart[Change, Result, State]) result(applied any, err error) (result Result, _ error) {
	if err != nil {
		return result, unavailable(err)
	}
	o, ok := applied.(outcome[Result])
	if !ok {
		return result, fmt.Errorf("the change of the %s could not be applied: see the log of the emulator", p.name)
	}
	return o.result, o.err
}

// Apply implements cluster.Part.
func (p *valuePart[Change, Result, State]) Apply(e cluster.Entry) any {
	var change Change
	if err := json.Unmarshal(e.Data, &change); err != nil {
		p.logger.Error("a change is left out, because it cannot be read: use the same version on all nodes",
			"part", p.name, "sequence", e.Sequence, "error", err)
		return nil
	}
	result, err := p.apply(change)
	return outcome[Result]{result, err}
}

// Save implements cluster.Part.
func (p *valuePart[Change, Result, State]) Save() (encoded func() ([]byte, error)) {
	state := p.save()
	return func() ([]byte, error) { return encode(state), nil }
}

// Load implements cluster.Part.
func (p *valuePart[Change, Result, State]) Load(text []byte) error {
	var state State // the initial one in a new cluster
	if text != nil {
		if err := json.Unmarshal(text, &state); err != nil {
			return fmt.Errorf("the state of the %s: %w", p.name, err)
		}
	}
	return p.load(state)
}

// loads returns load for a component that accepts every state.
func loads[State any](load func(State)) func(State) error {
	return func(state State) error {
		load(state)
		return nil
	}
}

// encode encodes a change or a state. All of them can be encoded.
func encode(value any) []byte {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false) // the answers of functions are JSON, and stay as they are
	if err := encoder.Encode(value); err != nil {
		panic(fmt.Sprintf("replica: %T cannot be encoded: %v", value, err))
	}
	return text.Bytes()
}
