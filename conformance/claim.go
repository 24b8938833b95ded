package conformance

import (
	"slices"
	"strings"
)

// A Claim is one sentence about what the service does, which can be checked
// from outside.
type Claim struct {
	ID       string // C… is about the control plane, M… about messaging
	Sentence string
	Source   string // a document, a recording, or Decided
	Needs    Need
	check    func(*probe)
}

// Decided is the source of claims of which nobody outside of AWS knows whether
// the service does the same. deviations.go has a reason for each.
const Decided = "decided here"

// The sources of claims. What follows a colon says where to look.
const (
	model     = "service model 2020-07-14"
	apiGuide  = "API Reference: "
	msgGuide  = "Messaging API Reference: "
	userGuide = "User Guide: "
	cli       = "AWS CLI 1.45 examples"
	terraform = "Terraform AWS provider's live tests"
	alchemy   = "Alchemy's live tests"
	recorded  = "recorded: "
	jsClient  = "amazon-ivs-chat-messaging 1.1.1"
	iosClient = "AmazonIVSChatMessaging 1.0.1 for iOS"
	webDemo   = "amazon-ivs-ugc-platform-web-demo"
)

// sources are where the sources can be found.
var sources = []struct{ name, place string }{
	{model, "https://github.com/boto/botocore/tree/develop/botocore/data/ivschat"},
	{apiGuide, "https://docs.aws.amazon.com/ivs/latest/ChatAPIReference/Welcome.html"},
	{msgGuide, "https://docs.aws.amazon.com/ivs/latest/chatmsgapireference/welcome.html"},
	{userGuide, "https://docs.aws.amazon.com/ivs/latest/ChatUserGuide/what-is.html"},
	{cli, "https://github.com/aws/aws-cli/tree/develop/awscli/examples/ivschat"},
	{terraform, "https://github.com/hashicorp/terraform-provider-aws/tree/main/internal/service/ivschat"},
	{alchemy, "https://github.com/alchemy-run/alchemy"},
	{jsClient, "https://www.npmjs.com/package/amazon-ivs-chat-messaging"},
	{iosClient, "https://github.com/ileonix/Amazon-IVS-ChatMessaging-SPM"},
	{webDemo, "https://github.com/aws-samples/amazon-ivs-ugc-platform-web-demo"},
	{recorded, "frames and replies of the real service that somebody published"},
}

// A Need is what a claim takes for granted of its Target.
type Need int

// The needs.
const (
	Clock    Need = 1 << iota // the clock can be moved
	Slow                      // there are minutes to wait
	Rooms                     // sixty rooms may be made at once
	Accounts                  // any twelve digits are an account
	MadeUp                    // buckets and functions need not exist
)

// missing says what the target lacks, "" if nothing.
func (n Need) missing(t Target) string {
	switch {
	case n&Clock != 0 && t.Advance == nil:
		return "the clock cannot be moved"
	case n&Slow != 0 && !t.Slow:
		return "it takes minutes"
	case n&Rooms != 0 && t.Real && !t.Slow:
		return "it makes sixty rooms"
	case n&Accounts != 0 && t.Credentials != nil:
		return "it takes a second account"
	case n&MadeUp != 0 && t.Real:
		return "it takes a bucket, a stream or a function that exists"
	default:
		return ""
	}
}

// Claims gives every claim, ordered by ID.
func Claims() []Claim {
	all := slices.Concat(
		wireClaims, roomClaims, listClaims, tokenClaims, loggingClaims, tagClaims, eventClaims, boundClaims(), constraintClaims(), rateClaims(),
		handshakeClaims, actionClaims, frameClaims, roomTrafficClaims, limitClaims, sessionClaims,
	)
	slices.SortFunc(all, func(a, b Claim) int { return strings.Compare(a.ID, b.ID) })
	return all
}
