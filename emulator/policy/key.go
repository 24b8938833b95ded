package policy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ivschat-local/ivschat-local/emulator/spelling"
)

// A ConditionKey is a condition key that policies can use with actions of the service.
type ConditionKey struct {
	// Name is that of AWS's documentation. One that ends with a slash is followed by the key of a tag, such as
	// aws:ResourceTag/.
	Name string
	// Multivalued says that a request can have several values of the key. A condition then needs ForAllValues or
	// ForAnyValue, and the key cannot be a policy variable.
	Multivalued bool
}

// conditionKeys are those of the service, and global ones (Service Authorization Reference: Amazon Interactive Video
// Service Chat; IAM User Guide: AWS global condition context keys).
var conditionKeys = []ConditionKey{
	{Name: "aws:CurrentTime"}, // such as 2026-01-31T12:00:00Z
	{Name: "aws:EpochTime"},   // seconds since 1970
	{Name: "aws:PrincipalAccount"},
	{Name: "aws:PrincipalArn"},
	{Name: "aws:PrincipalTag/"},
	{Name: "aws:PrincipalType"}, // Account, User, FederatedUser or AssumedRole
	{Name: "aws:RequestTag/"},
	{Name: "aws:RequestedRegion"},
	{Name: "aws:ResourceAccount"},
	{Name: "aws:ResourceTag/"},
	{Name: "aws:SecureTransport"}, // true or false
	{Name: "aws:SourceIp"},
	{Name: "aws:TagKeys", Multivalued: true},
	{Name: "aws:UserAgent"},
	{Name: "aws:userid"},
	{Name: "aws:username"},
}

// ConditionKeys returns all condition keys that policies can use with actions of the service. A Request should have a
// value for each that AWS would give it.
func ConditionKeys() []ConditionKey { return slices.Clone(conditionKeys) }

// FindConditionKey returns the condition key that a policy names, and its name in AWS's letter case, with the key of a
// tag as it was written.
func FindConditionKey(name string) (key ConditionKey, canonical string, found bool) {
	for _, k := range conditionKeys {
		switch prefix, isPrefix := strings.CutSuffix(k.Name, "/"); {
		case !isPrefix && strings.EqualFold(name, k.Name):
			return k, k.Name, true
		case isPrefix && len(name) > len(k.Name) && name[len(prefix)] == '/' && strings.EqualFold(name[:len(prefix)], prefix):
			return k, k.Name + name[len(k.Name):], true
		}
	}
	return ConditionKey{}, name, false
}

// suggestKey returns the end of an error about an unknown condition key.
func suggestKey(name string) string {
	word, tag, _ := strings.Cut(name, "/")
	if tag == "" {
		tag = "TAG"
	}
	var words, names []string
	for _, k := range conditionKeys {
		word, hasTag := strings.CutSuffix(k.Name, "/")
		words = append(words, word)
		if names = append(names, k.Name); hasTag {
			names[len(names)-1] = fmt.Sprintf("%s%.64s", k.Name, tag)
		}
	}
	if nearest := slices.Index(words, spelling.Nearest(word, words)); nearest >= 0 {
		return ": did you mean " + names[nearest] + "?"
	}
	return ": use one of " + strings.Join(names, ", ")
}
