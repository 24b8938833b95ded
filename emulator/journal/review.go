package journal

// A Decider is who decided about a message.
type Decider string

// The deciders.
const (
	ByHandler  Decider = "handler"  // the message review handler
	ByFallback Decider = "fallback" // the fallback result of the room, because the handler failed
	ByFault    Decider = "fault"    // a fault that sends an ERROR
)

// A Failure is why a handler did not decide about a message.
type Failure string

// The failures (decision D64).
const (
	NoTarget       Failure = "no target"      // no setting says how to reach the function
	NotInvoked     Failure = "not invoked"    // the function cannot be reached, or does not exist
	FunctionFailed Failure = "function error" // the function ran and failed
	TimedOut       Failure = "timeout"        // there was no answer in time
	InvalidAnswer  Failure = "invalid answer" // the answer is not what AWS documents
)

// A ReviewEntry has what only the entry of a review has.
type ReviewEntry struct {
	URI       string  `json:"uri"`     // of the message review handler
	Verdict   string  `json:"verdict"` // ALLOW or DENY
	DecidedBy Decider `json:"decidedBy"`
	Failure   Failure `json:"failure,omitempty"` // why the handler did not decide
}

// reviewCost is the number of bytes that a ReviewEntry needs beside its URI.
const reviewCost = 64
