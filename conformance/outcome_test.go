package conformance_test

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/ivschat-local/ivschat-local/conformance"
)

func TestOnlyAClaimThatHoldsIsAPass(t *testing.T) {
	var (
		fails  = func(p *conformance.Probe) { p.Fatalf("no") }
		holds  = func(*conformance.Probe) {}
		panics = func(*conformance.Probe) { panic("broken") }
	)
	const (
		source   = "a document"
		decided  = conformance.Decided
		held     = conformance.Held
		failed   = conformance.Failed
		skipped  = conformance.Skipped
		deviates = conformance.Deviates
	)
	credentials := aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: "AKIA", SecretAccessKey: "any"}, nil
	})
	type claim = conformance.Claim
	for _, test := range []struct {
		claim           claim
		emulator, onAWS conformance.Outcome
	}{
		{claim{Source: source, Check: holds}, held, held},
		{claim{Source: source, Check: fails}, failed, failed},
		{claim{Source: source, Check: panics}, failed, failed},
		{claim{Source: source, Check: fails, Needs: conformance.Clock}, skipped, skipped},
		{claim{Source: source, Check: fails, Needs: conformance.MadeUp}, failed, skipped},
		{claim{Source: source, Check: fails, Needs: conformance.Slow}, skipped, skipped},
		{claim{Source: source, Check: fails, Needs: conformance.ManyRooms}, failed, skipped},
		{claim{Source: source, Check: fails, Needs: conformance.Accounts}, failed, skipped},
		{claim{Source: source, Check: fails, Needs: conformance.Answers}, skipped, skipped},
		{claim{Source: source, Check: fails, Needs: conformance.Failures}, skipped, skipped},
		{claim{Source: source, Check: fails, Needs: conformance.Records}, skipped, skipped},
		{claim{Source: source, Check: fails, Needs: conformance.Deliveries}, skipped, skipped},
		{claim{Source: source, Check: fails, Needs: conformance.Arrivals}, skipped, skipped},
		{claim{Source: source, Check: holds, Reason: "reason"}, failed, held},
		{claim{Source: source, Check: fails, Reason: "reason"}, deviates, failed},
		{claim{Source: decided, Check: holds, Reason: "reason"}, conformance.AsDecided, held},
		{claim{Source: decided, Check: fails, Reason: "reason"}, failed, conformance.Refuted},
	} {
		got := conformance.Check(t.Context(), conformance.Target{Region: "us-east-1"}, test.claim)
		if got.Outcome != test.emulator {
			t.Errorf("%+v is %s for an emulator (%s), want %s",
				test.claim, got.Outcome, got.Detail, test.emulator)
		}
		aws := conformance.Target{Region: "us-east-1", Real: true, Credentials: credentials}
		if got := conformance.Check(t.Context(), aws, test.claim); got.Outcome != test.onAWS {
			t.Errorf("%+v is %s for the service (%s), want %s",
				test.claim, got.Outcome, got.Detail, test.onAWS)
		}
	}
}

func TestADeviationMustHoldWhenItsSwitchIsOn(t *testing.T) {
	const both = conformance.Signatures | conformance.Rates
	claim := conformance.Claim{Source: "a document", Reason: "it is off by default", Switch: conformance.Signatures}
	for on, want := range map[conformance.Switch][2]conformance.Outcome{ // of a check that holds, and of one that fails
		0:                      {conformance.Failed, conformance.Deviates},
		conformance.Rates:      {conformance.Failed, conformance.Deviates},
		conformance.Signatures: {conformance.Held, conformance.Failed},
		both:                   {conformance.Held, conformance.Failed},
	} {
		target := conformance.Target{Region: "us-east-1", Switches: on}
		for i, check := range []func(*conformance.Probe){
			func(*conformance.Probe) {}, func(p *conformance.Probe) { p.Fatalf("no") },
		} {
			claim.Check = check
			if got := conformance.Check(t.Context(), target, claim); got.Outcome != want[i] {
				t.Errorf("check %d with the switches %b: %s (%s), want %s", i, on, got.Outcome, got.Detail, want[i])
			}
		}
	}
}
