package iam

import (
	"crypto/sha256"
	"encoding/base32"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// value returns the values of a condition key, and whether the request has the key (IAM User Guide: AWS global
// condition context keys; Service Authorization Reference: Condition keys for Amazon Interactive Video Service Chat).
func (r *request) value(key string) (values []string, found bool) {
	if tag, ok := strings.CutPrefix(key, "aws:ResourceTag/"); ok {
		return find(r.resourceTags(), tag)
	}
	if tag, ok := strings.CutPrefix(key, "aws:RequestTag/"); ok {
		return find(r.requestTags(), tag)
	}
	if key == "aws:TagKeys" {
		keys := r.tagKeys()
		return keys, len(keys) > 0
	}
	text := r.text(key)
	return []string{text}, text != ""
}

// text returns the value of a key that has at most one, or "".
func (r *request) text(key string) string {
	who := principalOf(r.caller.PrincipalARN)
	switch key {
	case "aws:CurrentTime":
		return r.attempt.Now.UTC().Format(time.RFC3339)
	case "aws:EpochTime":
		return strconv.FormatInt(r.attempt.Now.Unix(), 10)
	case "aws:PrincipalAccount":
		return r.caller.Account
	case "aws:PrincipalArn":
		return who.principalARN(r.caller)
	case "aws:PrincipalType":
		return who.kind
	case "aws:RequestedRegion":
		return r.attempt.Owner.Region
	case "aws:ResourceAccount":
		return r.need.account()
	case "aws:SecureTransport":
		return strconv.FormatBool(r.attempt.SecureTransport)
	case "aws:SourceIp":
		return r.attempt.SourceIP
	case "aws:UserAgent":
		return r.attempt.UserAgent
	case "aws:userid":
		return who.userID(r.caller)
	case "aws:username":
		return who.user
	}
	return ""
}

// requestTags returns the tags that the request gives a resource.
func (r *request) requestTags() ivschat.Tags {
	given, _ := r.attempt.Members["tags"].(map[string]any)
	tags := make(ivschat.Tags, len(given))
	for key, value := range given {
		tags[key], _ = value.(string) // valid
	}
	return tags
}

// tagKeys returns the keys of tags that the request gives a resource or removes from it.
func (r *request) tagKeys() []string {
	keys := slices.Sorted(maps.Keys(r.requestTags()))
	removed, _ := r.attempt.Members["tagKeys"].([]any)
	for _, key := range removed {
		text, _ := key.(string) // valid
		keys = append(keys, text)
	}
	return keys
}

// find returns the value of a tag. The letter case of its key does not matter, unless several keys differ only in it
// (IAM User Guide: Controlling access to AWS resources using tags).
func find(tags ivschat.Tags, key string) ([]string, bool) {
	if value, ok := tags[key]; ok {
		return []string{value}, true
	}
	for _, other := range slices.Sorted(maps.Keys(tags)) {
		if strings.EqualFold(key, other) {
			return []string{tags[other]}, true
		}
	}
	return nil, false
}

// A principal is what the ARN of a principal says.
type principal struct {
	kind    string // aws:PrincipalType
	user    string // the name of an IAM user, without its path
	role    string // the name of the role of a session
	session string // the name of the session of a role, or of a federated user
}

// principalOf reads a valid ARN (IAM User Guide: IAM identifiers).
func principalOf(arn string) principal {
	resource := arn[strings.LastIndex(arn, ":")+1:]
	kind, name, _ := strings.Cut(resource, "/")
	switch kind {
	case "user":
		return principal{kind: "User", user: name[strings.LastIndex(name, "/")+1:]}
	case "assumed-role":
		role, session, _ := strings.Cut(name, "/")
		return principal{kind: "AssumedRole", role: role, session: session}
	case "federated-user":
		return principal{kind: "FederatedUser", session: name}
	default:
		return principal{kind: "Account"} // root
	}
}

// principalARN returns the value of aws:PrincipalArn: that of a session is the ARN of its role.
func (p principal) principalARN(c *Caller) string {
	if p.role != "" {
		return "arn:aws:iam::" + c.Account + ":role/" + p.role
	}
	return c.PrincipalARN
}

// userID returns the value of aws:userid (IAM User Guide: IAM policy elements: Variables and tags). The IDs of users
// and roles are made up, and always the same.
func (p principal) userID(c *Caller) string {
	made := func(prefix, name string) string {
		sum := sha256.Sum256([]byte(c.Account + "/" + name))
		return prefix + base32.StdEncoding.EncodeToString(sum[:])[:17]
	}
	switch p.kind {
	case "User":
		return made("AIDA", p.user)
	case "AssumedRole":
		return made("AROA", p.role) + ":" + p.session
	case "FederatedUser":
		return c.Account + ":" + p.session
	default:
		return c.Account
	}
}
