package journal

import (
	"bytes"
	"regexp"
	"strings"
	"testing"
)

// chatToken matches what withoutTokens replaces.
var chatToken = regexp.MustCompile(`AQICAH[A-Za-z0-9_-]{30,}!*(#[0-9])?`)

// FuzzWithoutTokens checks that withoutTokens does what the regular expression does.
func FuzzWithoutTokens(f *testing.F) {
	const thirty = "0123456789-_azAZ0123456789-_az"
	for _, text := range []string{
		"", "AQICAH", "AQICAH" + thirty, "AQICAH" + thirty[1:], "AQICAH" + thirty + "x",
		`{"token":"AQICAHg` + thirty + `!!#0","tokenExpirationTime":"2000-01-01T00:00:00Z"}`,
		"AQICAH" + thirty + "#0", "AQICAH" + thirty + "#9x", "AQICAH" + thirty + "#", "AQICAH" + thirty + "#a",
		"AQICAH" + thirty + "#/", "AQICAH" + thirty + "#:", "AQICAH" + thirty + "#10", "AQICAH" + thirty + "##1",
		"AQICAH" + thirty + "!", "AQICAH" + thirty + "!!!!#5!", "AQICAH" + thirty[1:] + "!!#0",
		"AQICAQICAH" + thirty, "AQICAHAQICAH" + thirty, "AQICAHAQICAH" + thirty[12:], "AQICAH!AQICAH" + thirty,
		"AQICAH" + thirty + "@AQICAH" + thirty, "AQICAH" + thirty + "!#1AQICAH" + thirty + "#2AQICAH",
		"AQICAH" + thirty[:29] + "é", "AQICAH" + thirty + "\xff", "aQICAH" + thirty, "AQICAH" + thirty[:15] + "+" + thirty,
		"AQICAH" + thirty[:29] + "@", "AQICAH" + thirty[:29] + "[", "AQICAH" + thirty[:29] + "`",
		"AQICAH" + thirty[:29] + "{", "AQICAH" + thirty[:29] + "/", "AQICAH" + thirty[:29] + ":",
		strings.Repeat("AQICAH", 200) + "." + strings.Repeat("x", 1000),
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		before := bytes.Clone(text)
		got, want := withoutTokens(text), chatToken.ReplaceAll(text, hidden)
		if !bytes.Equal(got, want) {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
		if !bytes.Equal(text, before) {
			t.Errorf("%q was changed to %q", before, text)
		}
	})
}
