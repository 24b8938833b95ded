package conformance

import "testing"

func TestEveryDecisionHasItsReasonAndEveryReasonItsClaim(t *testing.T) {
	claims := map[string]Claim{}
	for _, claim := range Claims() {
		claims[claim.ID] = claim
		if _, reasoned := deviations[claim.ID]; claim.Source == Decided && !reasoned {
			t.Errorf("%s was decided here, but deviations.go has no reason for it", claim.ID)
		}
	}
	for id := range deviations {
		if _, exists := claims[id]; !exists {
			t.Errorf("deviations.go has a reason for %s, which is no claim", id)
		}
	}
}

// fails is a check that fails, holds one that does not.
var (
	fails = func(p *probe) { p.fatal("no") }
	holds = func(*probe) {}
)

func TestOnlyAClaimThatHoldsIsAPass(t *testing.T) {
	deviations["X1"], deviations["X2"] = "reason", "reason"
	defer func() { delete(deviations, "X1"); delete(deviations, "X2") }()
	for _, test := range []struct {
		claim            Claim
		emulator, really Outcome
	}{
		{Claim{ID: "X0", Source: model, check: holds}, Held, Held},
		{Claim{ID: "X0", Source: model, check: fails}, Failed, Failed},
		{Claim{ID: "X0", Source: model, check: func(*probe) { panic("broken") }}, Failed, Failed},
		{Claim{ID: "X0", Source: model, check: fails, Needs: Clock}, Skipped, Skipped},
		{Claim{ID: "X0", Source: model, check: fails, Needs: MadeUp}, Failed, Skipped},
		{Claim{ID: "X0", Source: model, check: fails, Needs: Slow}, Skipped, Skipped},
		{Claim{ID: "X0", Source: model, check: fails, Needs: Rooms}, Failed, Skipped},
		{Claim{ID: "X0", Source: model, check: fails, Needs: Accounts}, Failed, Skipped},
		{Claim{ID: "X1", Source: model, check: holds}, Failed, Held},
		{Claim{ID: "X1", Source: model, check: fails}, Deviates, Failed},
		{Claim{ID: "X2", Source: Decided, check: holds}, AsDecided, Held},
		{Claim{ID: "X2", Source: Decided, check: fails}, Failed, Refuted},
	} {
		if got := Check(t.Context(), Target{Region: "us-east-1"}, test.claim); got.Outcome != test.emulator {
			t.Errorf("%+v is %s of an emulator (%s), want %s", test.claim, got.Outcome, got.Detail, test.emulator)
		}
		real := Target{Region: "us-east-1", Real: true, Credentials: credentials("AKIA")}
		if got := Check(t.Context(), real, test.claim); got.Outcome != test.really {
			t.Errorf("%+v is %s of the service (%s), want %s", test.claim, got.Outcome, got.Detail, test.really)
		}
	}
}
