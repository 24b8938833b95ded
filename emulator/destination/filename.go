package destination

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"runtime"
	"strings"
)

const (
	// longestSegment is how many bytes a file name has at most, without its extension. File systems have 255 for all.
	longestSegment = 200
	// longestName is how many bytes a name has that may become several directories. A log group has so many.
	longestName = 512
)

// foldsCase says whether file systems usually take a and A for the same.
const foldsCase = runtime.GOOS == "windows" || runtime.GOOS == "darwin"

// pathOf returns a path below a folder, with slashes, for a name of a destination. Slashes between two segments
// separate directories. Everything that cannot be in a file name on every system is percent-encoded, so decoding the
// path gives the name. Capital letters are, too, if the file system takes a and A for the same. Names that are too
// long end with a hash instead. No two names have the same path.
func pathOf(name string, foldsCase bool) string {
	if len(name) > longestName {
		return segment(name, foldsCase)
	}
	var segments []string
	start := 0
	for i := 1; i < len(name)-1; i++ {
		if name[i] == '/' && name[i-1] != '/' && name[i+1] != '/' {
			segments = append(segments, segment(name[start:i], foldsCase))
			start = i + 1
		}
	}
	return strings.Join(append(segments, segment(name[start:], foldsCase)), "/")
}

var (
	// reserved matches names that Windows does not allow, also with an extension.
	reserved = regexp.MustCompile(`(?i)^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)`)
	// asFile matches names that are of files, so that no directory has them.
	asFile = regexp.MustCompile(`(?i)\.jsonl$`)
)

// segment returns a file name for a text, which is never empty. No two texts have the same.
func segment(text string, foldsCase bool) string {
	var name strings.Builder
	isReserved, extension := reserved.MatchString(text), asFile.FindStringIndex(text)
	for i := range len(text) {
		c := text[i]
		keep := c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || strings.IndexByte("-_#.", c) >= 0 ||
			c >= 'A' && c <= 'Z' && !foldsCase
		switch {
		case i == 0 && isReserved, extension != nil && i == extension[0],
			c == '.' && i == len(text)-1: // . and .. have other meanings, and Windows drops it
			keep = false
		}
		if keep {
			name.WriteByte(c)
		} else {
			name.WriteString("%" + strings.ToUpper(hex.EncodeToString([]byte{c})))
		}
	}
	if name.Len() == 0 {
		return "%"
	}
	if name.Len() <= longestSegment {
		return name.String()
	}
	sum := sha256.Sum256([]byte(text))
	const digits = 32
	return name.String()[:longestSegment-digits-1] + "~" + hex.EncodeToString(sum[:])[:digits]
}
