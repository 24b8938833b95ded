package policy

import (
	"maps"
	"slices"
	"strings"
	"sync"
)

// managedARN is the beginning of the ARNs of AWS's managed policies.
const managedARN = "arn:aws:iam::aws:policy/"

// Managed returns the managed policy of AWS with a name, such as IVSFullAccess, or an ARN, and whether there is one.
func Managed(name string) (*Policy, bool) {
	p, found := managed()[strings.TrimPrefix(name, managedARN)]
	return p, found
}

// ManagedNames returns the names of the policies that Managed knows, in alphabetical order.
func ManagedNames() []string {
	return slices.Sorted(maps.Keys(managedDocuments))
}

var managed = sync.OnceValue(func() map[string]*Policy {
	policies := map[string]*Policy{}
	for name, document := range managedDocuments {
		policies[name], _ = Parse(name, []byte(document)) // which a test also does
		for i := range policies[name].Statements {
			policies[name].Statements[i].Line = 0 // it is in no document of the user
		}
	}
	return policies
})

// managedDocuments are the managed policies for Amazon IVS, and the two general ones that developers often have (AWS
// Managed Policy Reference; the default versions are given).
var managedDocuments = map[string]string{
	// Version v1 of 6 February 2015.
	"AdministratorAccess": `{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": "*",
      "Resource": "*"
    }
  ]
}`,
	// Version v1 of 13 December 2023.
	"IVSFullAccess": `{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "IVSFullAccess",
      "Effect": "Allow",
      "Action": [
        "ivs:*",
        "ivschat:*"
      ],
      "Resource": "*"
    }
  ]
}`,
	// Version v6 of 12 February 2026. It allows nothing of Amazon IVS Chat, although its name says IVS.
	"IVSReadOnlyAccess": `{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "IVSReadOnlyAccess",
      "Effect": "Allow",
      "Action": [
        "ivs:BatchGetChannel",
        "ivs:GetChannel",
        "ivs:GetComposition",
        "ivs:GetEncoderConfiguration",
        "ivs:GetIngestConfiguration",
        "ivs:GetParticipant",
        "ivs:GetPlaybackKeyPair",
        "ivs:GetPlaybackRestrictionPolicy",
        "ivs:GetPublicKey",
        "ivs:GetRecordingConfiguration",
        "ivs:GetStage",
        "ivs:GetStageSession",
        "ivs:GetStorageConfiguration",
        "ivs:GetStream",
        "ivs:GetStreamSession",
        "ivs:ListChannels",
        "ivs:ListCompositions",
        "ivs:ListEncoderConfigurations",
        "ivs:ListIngestConfigurations",
        "ivs:ListParticipants",
        "ivs:ListParticipantReplicas",
        "ivs:ListParticipantEvents",
        "ivs:ListPlaybackKeyPairs",
        "ivs:ListPlaybackRestrictionPolicies",
        "ivs:ListPublicKeys",
        "ivs:ListRecordingConfigurations",
        "ivs:ListStages",
        "ivs:ListStageSessions",
        "ivs:ListStorageConfigurations",
        "ivs:ListStreamKeys",
        "ivs:ListStreams",
        "ivs:ListStreamSessions",
        "ivs:ListTagsForResource"
      ],
      "Resource": "*"
    }
  ]
}`,
	// Version v12 of 12 February 2026.
	"PowerUserAccess": `{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "NotAction": [
        "iam:*",
        "organizations:*",
        "account:*"
      ],
      "Resource": "*"
    },
    {
      "Effect": "Allow",
      "Action": [
        "account:GetAccountInformation",
        "account:GetGovCloudAccountInformation",
        "account:GetPrimaryEmail",
        "account:ListRegions",
        "iam:CreateServiceLinkedRole",
        "iam:DeleteServiceLinkedRole",
        "iam:ListRoles",
        "organizations:DescribeEffectivePolicy",
        "organizations:DescribeOrganization"
      ],
      "Resource": "*"
    }
  ]
}`,
}
