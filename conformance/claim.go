package conformance

// A Claim is one sentence about what the service does, with a check that uses the service from
// outside.
//
// Most claims have no Reason. A claim with the source Decided has the reason for the decision.
// Any other claim with a Reason is a deviation: the emulator knowingly does not meet it, except with a Switch.
type Claim struct {
	ID       string // C… is about the control plane, M… about messaging
	Sentence string
	Source   string // a document, a recording, or Decided
	Reason   string
	Switch   Switch // with which a deviation holds; 0 without one
	Needs    Need
	Check    func(*Probe)
}

// Decided is the source of claims about behaviour that is not known outside of AWS.
const Decided = "decided here"

// decided reports whether the emulator had to decide what the claim says.
func (c Claim) decided() bool { return c.Source == Decided }

// deviates reports whether an emulator with these switches is known not to meet the claim.
func (c Claim) deviates(on Switch) bool {
	return c.Reason != "" && !c.decided() && (c.Switch == 0 || c.Switch&^on != 0)
}

// A Switch is a set of settings that make an emulator stricter, and that are off by default.
type Switch int

// The switches.
const (
	Signatures  Switch = 1 << iota // --auth signatures, which --auth iam includes
	Permissions                    // --auth iam
	Rates                          // --api-rates aws
)

// A Need is a set of conditions that a claim requires of its Target.
type Need int

// The needs.
const (
	Clock      Need = 1 << iota // the clock can be moved
	Slow                        // the check may take minutes
	ManyRooms                   // 60 rooms may be created at once
	Accounts                    // any 12 digits are an account
	MadeUp                      // buckets, streams and functions need not exist
	Answers                     // the answers of functions that review messages can be chosen
	Failures                    // changes of logging configurations can be made to fail
	Records                     // the records of chat logs can be seen
	Deliveries                  // records of chat logs are delivered, and the deliveries can be seen
	Arrivals                    // what arrives at the destinations of chat logs can be seen
	Verified                    // signatures are verified
	Denied                      // there are callers who may not do everything
)

// unmet returns why the target does not meet the need, or "" if it does.
func (n Need) unmet(t Target) string {
	switch {
	case n&Clock != 0 && t.Advance == nil:
		return "the clock cannot be moved"
	case n&Slow != 0 && !t.Slow:
		return "it takes minutes"
	case n&ManyRooms != 0 && t.Real && !t.Slow:
		return "it creates 60 rooms"
	case n&Accounts != 0 && t.Credentials != nil:
		return "it needs a second account"
	case n&MadeUp != 0 && t.Real:
		return "it needs a bucket, a stream or a function that exists"
	case n&Answers != 0 && t.Reviews == nil:
		return "the answers of message review handlers cannot be chosen"
	case n&Failures != 0 && t.FailChange == nil:
		return "changes of logging configurations cannot be made to fail"
	case n&(Records|Deliveries|Arrivals) != 0 && t.ChatLogs == nil:
		return "the records of chat logs cannot be seen"
	case n&Deliveries != 0 && !t.Delivers:
		return "a destination of chat logs does not exist or cannot be reached"
	case n&Verified != 0 && !t.Real && t.Switches&Signatures == 0:
		return "signatures are not verified"
	case n&Denied != 0 && t.NewCallers == nil:
		return "it needs callers who may not do everything"
	case n&Arrivals != 0 && t.Destinations == nil:
		return "what arrives at the destinations of chat logs cannot be seen"
	default:
		return ""
	}
}
