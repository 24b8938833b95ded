package fault

import (
	"cmp"
	"fmt"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/mistakes"
)

// A Document is a rule in JSON, as the admin API accepts and returns it. It has exactly one of
// exception, status, error, close, reset, silence, frame and fail, or only a delay.
type Document struct {
	ID int `json:"id"`

	Operation  string             `json:"operation"`
	Account    string             `json:"account,omitempty"`
	Room       string             `json:"room,omitempty"`
	UserID     string             `json:"userId,omitempty"`
	Capability ivschat.Capability `json:"capability,omitempty"`

	Times       int      `json:"times,omitempty"`
	Every       int      `json:"every,omitempty"`
	Probability *float64 `json:"probability,omitempty"`
	Seed        uint64   `json:"seed,omitempty"`

	Exception string            `json:"exception,omitempty"`
	Status    int               `json:"status,omitempty"`
	Error     ivschat.ErrorCode `json:"error,omitempty"`
	Close     int               `json:"close,omitempty"`
	Reset     bool              `json:"reset,omitempty"`
	Silence   bool              `json:"silence,omitempty"`
	Frame     string            `json:"frame,omitempty"` // drop, duplicate, reorder or corrupt
	Fail      bool              `json:"fail,omitempty"`
	Delay     string            `json:"delay,omitempty"` // a duration as in Go, for instance 250ms

	// Members of the effect.
	Message     string                   `json:"message,omitempty"`
	ResourceID  string                   `json:"resourceId,omitempty"`
	Limit       int                      `json:"limit,omitempty"`
	Reason      ivschat.ValidationReason `json:"reason,omitempty"`
	FieldList   []FieldDocument          `json:"fieldList,omitempty"`
	Body        string                   `json:"body,omitempty"`
	ContentType string                   `json:"contentType,omitempty"`
	Bare        bool                     `json:"bare,omitempty"`

	Fired int `json:"fired"`
}

// A FieldDocument is a member of a request that a ValidationException is about, in JSON.
type FieldDocument struct {
	Name    string `json:"name"`
	Message string `json:"message"`
}

// frameEffects are the values of Document.Frame.
var frameEffects = map[string]Effect{
	"drop": DropFrame{}, "duplicate": DuplicateFrame{}, "reorder": ReorderFrame{}, "corrupt": CorruptFrame{},
}

// Rules returns the rules that the documents describe. They are for the account, unless it is "". The
// error says which document is wrong.
func Rules(documents []Document, account string) ([]Rule, error) {
	rules := make([]Rule, len(documents))
	for i, document := range documents {
		rule, err := document.Rule()
		if err == nil && account != "" && rule.Account != "" && rule.Account != account {
			err = fmt.Errorf("account must be %s, as in the query, or absent, but is %q", account, rule.Account)
		}
		if err != nil {
			return nil, mistakes.Numbered("rule", i, len(documents), err)
		}
		rule.Account = cmp.Or(account, rule.Account)
		rules[i] = rule
	}
	return rules, nil
}

// Rule returns the rule that the document describes. The error lists everything that a document
// must not have. Set.Add checks the rest.
func (d Document) Rule() (Rule, error) {
	var c mistakes.List
	r := Rule{
		Operation: d.Operation, Account: d.Account, Room: d.Room, UserID: d.UserID,
		Capability: d.Capability, Times: d.Times, Every: d.Every, Seed: d.Seed,
	}
	if d.Probability != nil {
		r.Probability = *d.Probability
		c.Expect(r.Probability != 0, "probability must be more than 0, otherwise the rule would never fire")
	}
	if d.Delay != "" {
		r.Delay, _ = time.ParseDuration(d.Delay) // 0 if it is not a duration
		c.Expect(r.Delay > 0 && r.Delay <= MaximumDelay,
			"delay must be a duration of at most 10m, for instance 250ms, but is %q", d.Delay)
	}
	effects := d.effects(&c)
	c.Expect(len(effects) == 1 || len(effects) == 0 && d.Delay != "",
		"a rule must have exactly one of exception, status, error, close, reset, silence, frame and fail, "+
			"or only a delay, but this one has %d of them", len(effects))
	if len(effects) > 0 {
		r.Effect = effects[0]
	}
	d.checkMembers(&c)
	return r, c.Err()
}

// effects returns every effect that the document has.
func (d Document) effects(c *mistakes.List) (effects []Effect) {
	if d.Exception != "" {
		effects = append(effects, ReturnException{
			Name: d.Exception, Message: d.Message, ResourceID: d.ResourceID,
			Limit: d.Limit, Reason: d.Reason, Fields: fields(d.FieldList),
		})
	}
	if d.Status != 0 {
		effects = append(effects, ReturnStatus{
			Status: d.Status, Body: d.Body, ContentType: d.ContentType, Bare: d.Bare,
		})
	}
	if d.Error != 0 {
		effects = append(effects, SendError{Code: d.Error, Message: d.Message})
	}
	if d.Close != 0 {
		effects = append(effects, CloseConnection{Code: d.Close})
	}
	if d.Reset {
		effects = append(effects, ResetConnection{})
	}
	if d.Silence {
		effects = append(effects, SilenceConnection{})
	}
	if d.Frame != "" {
		effect, ok := frameEffects[d.Frame]
		c.Expect(ok, "frame must be drop, duplicate, reorder or corrupt, but is %q", d.Frame)
		effects = append(effects, effect)
	}
	if d.Fail {
		effects = append(effects, FailChange{})
	}
	return effects
}

// checkMembers refuses members that the effect does not have, because they would be lost.
func (d Document) checkMembers(c *mistakes.List) {
	isException := d.Exception != ""
	c.Expect(d.Message == "" || isException || d.Error != 0, "message is allowed only with exception or error")
	c.Expect(d.ResourceID == "" || isException, "resourceId is allowed only with exception")
	c.Expect(d.Limit == 0 || isException, "limit is allowed only with exception")
	c.Expect(d.Reason == "" && len(d.FieldList) == 0 || isException,
		"reason and fieldList are allowed only with exception")
	c.Expect(d.Body == "" && d.ContentType == "" && !d.Bare || d.Status != 0,
		"body, contentType and bare are allowed only with status")
}

func fields(documents []FieldDocument) (fields []ivschat.ValidationField) {
	for _, document := range documents {
		fields = append(fields, ivschat.ValidationField(document))
	}
	return fields
}

// NewDocument returns the rule in JSON form.
func NewDocument(r Rule) Document {
	d := Document{
		ID: r.ID, Operation: r.Operation, Account: r.Account, Room: r.Room, UserID: r.UserID,
		Capability: r.Capability, Times: r.Times, Every: r.Every, Seed: r.Seed, Fired: r.Fired,
	}
	if r.Probability != 0 {
		d.Probability = &r.Probability
	}
	if r.Delay != 0 {
		d.Delay = r.Delay.String()
	}
	switch effect := r.Effect.(type) {
	case ReturnException:
		d.Exception, d.Message, d.ResourceID = effect.Name, effect.Message, effect.ResourceID
		d.Limit, d.Reason = effect.Limit, effect.Reason
		for _, field := range effect.Fields {
			d.FieldList = append(d.FieldList, FieldDocument(field))
		}
	case ReturnStatus:
		d.Status, d.Body, d.ContentType, d.Bare = effect.Status, effect.Body, effect.ContentType, effect.Bare
	case SendError:
		d.Error, d.Message = effect.Code, effect.Message
	case CloseConnection:
		d.Close = effect.Code
	case ResetConnection:
		d.Reset = true
	case SilenceConnection:
		d.Silence = true
	case FailChange:
		d.Fail = true
	default:
		for name, frame := range frameEffects {
			if frame == effect {
				d.Frame = name
			}
		}
	}
	return d
}
