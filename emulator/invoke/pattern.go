package invoke

import "strings"

// matches reports whether a text matches a pattern, in which * stands for any number of characters.
func matches(pattern, text string) bool { return glob(pattern, text, false) }

// matchesPolicy reports whether a text matches a pattern of a policy, in which ? also stands for one character.
func matchesPolicy(pattern, text string) bool { return glob(pattern, text, true) }

// glob compares from left to right. After a part that does not match, it goes on with one character more for
// the last *, so the time is at most the product of the lengths.
func glob(pattern, text string, single bool) bool {
	p, t := 0, 0
	star, from := -1, 0 // the last *, and where its text ends
	for t < len(text) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, from = p, t
			p++
		case p < len(pattern) && (pattern[p] == text[t] || single && pattern[p] == '?'):
			p++
			t++
		case star >= 0:
			from++
			p, t = star+1, from
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}

// matchesARN reports whether an ARN matches a pattern of a policy. Each of its six parts is compared alone.
func matchesARN(pattern, arn string) bool {
	const parts = 6
	patterns, texts := strings.SplitN(pattern, ":", parts), strings.SplitN(arn, ":", parts)
	if pattern == "*" {
		return true
	}
	if len(patterns) != parts || len(texts) != parts {
		return false
	}
	for i, text := range texts {
		if !matchesPolicy(patterns[i], text) {
			return false
		}
	}
	return true
}
