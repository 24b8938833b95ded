package conformance

// An Outcome is the result of checking a claim.
type Outcome string

// The outcomes.
const (
	Held      Outcome = "held"
	Failed    Outcome = "failed"
	Skipped   Outcome = "skipped"
	AsDecided Outcome = "as decided" // the emulator does what was decided; the service may not
	Deviates  Outcome = "deviates"   // the emulator is known not to meet the claim
	Refuted   Outcome = "refuted"    // the service does not do what was decided
)

// outcomes is in the order of a report.
var outcomes = []Outcome{Held, Failed, Refuted, Deviates, AsDecided, Skipped}

// judge returns the outcome of a check and its detail. problem is why the check failed, or ""
// if it succeeded.
func judge(target Target, claim Claim, problem string) (Outcome, string) {
	succeeded := problem == ""
	switch {
	case target.Real && claim.Reason != "":
		return judgeService(claim, problem)
	case claim.decided() && succeeded:
		return AsDecided, claim.Reason
	case claim.deviates(target.Switches) && succeeded:
		return Failed, "the claim holds, although it is recorded as a deviation: " + claim.Reason
	case claim.deviates(target.Switches):
		return Deviates, claim.Reason
	case succeeded:
		return Held, ""
	default:
		return Failed, problem
	}
}

// judgeService is judge for the service itself and a claim with a reason.
func judgeService(claim Claim, problem string) (Outcome, string) {
	switch {
	case problem == "" && claim.decided():
		return Held, "the service does what was decided"
	case problem == "":
		return Held, ""
	case claim.decided():
		return Refuted, problem
	default:
		return Failed, problem
	}
}
