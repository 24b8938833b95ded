package destination

import (
	"net/url"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// legal matches the names that the service accepts, by kind (API: DestinationConfiguration).
var legal = map[Kind]*regexp.Regexp{
	S3:             regexp.MustCompile(`^[a-z0-9.-]{3,63}$`),
	CloudWatchLogs: regexp.MustCompile(`^[.\-_/#A-Za-z0-9]{1,512}$`),
	Firehose:       regexp.MustCompile(`^[a-zA-Z0-9_.-]{1,64}$`),
}

func TestANameBecomesAPath(t *testing.T) {
	long := strings.Repeat("a", 512)
	const hashOfLong = "~471be6558b665e4f6dd49f1184814d1491b0315d466beea768c153cc5500c836"
	for name, want := range map[string]string{
		"chat-logs.example": "chat-logs.example",
		"aws/ivs/Chat_1#x":  "aws/ivs/Chat_1#x",
		"/aws/ivs":          "%2Faws/ivs",
		"a/":                "a%2F",
		"/":                 "%2F",
		"//":                "%2F%2F",
		"a//b":              "a%2F%2Fb",
		"a///b/c":           "a%2F%2F%2Fb/c",
		"":                  "%",
		".":                 "%2E",
		"..":                ".%2E",
		"...":               "..%2E",
		"../../etc/passwd":  ".%2E/.%2E/etc/passwd",
		"a/./b":             "a/%2E/b",
		".hidden":           ".hidden",
		"a.":                "a%2E",
		"a%2Fb":             "a%252Fb",
		`a\b:c*?"<>|`:       "a%5Cb%3Ac%2A%3F%22%3C%3E%7C",
		"a\x00\n\x7f~ é":    "a%00%0A%7F%7E%20%C3%A9",
		"con":               "%63on",
		"NUL":               "%4EUL",
		"Com1.txt/lpt9":     "%43om1.txt/%6Cpt9",
		"console/com":       "console/com",
		"a.jsonl/b":         "a%2Ejsonl/b",
		"a.JSONL":           "a%2EJSONL",
		"a.jsonl.b":         "a.jsonl.b",
		long:                long[:167] + hashOfLong[:33],
		"x/" + long[:200]:   "x/" + long[:200],
		"x/" + long[:201]:   "x/" + long[:167],
		"a/" + long:         "a%2F" + long[:163],
	} {
		if got := pathOf(name, false); got != want && !strings.HasPrefix(got, want+"~") {
			t.Errorf("%q: got %s, want %s", name, got, want)
		}
	}
	longest := strings.Repeat("ab/", 170) + "ab"
	if got := pathOf(longest, false); len(longest) != 512 || got != longest {
		t.Errorf("the path of the longest name is %s", got)
	}
	if got := pathOf(longest+"b", false); strings.Contains(got, "/") {
		t.Errorf("the path of a longer name is %s", got)
	}
	for name, want := range map[string]string{"Chat/a": "%43hat/a", "chat": "chat", "É": "%C3%89"} {
		if got := pathOf(name, true); got != want {
			t.Errorf("%q: got %s, want %s, if the case does not matter", name, got, want)
		}
	}
}

// windowsName matches what Windows does not take as the name of a file.
var windowsName = regexp.MustCompile(`(?i)[<>:"\\|?*\x00-\x1f\x7f]|[. ]$|` +
	`^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(\.|$)`)

// checkPath checks that the path of a name stays in its folder on every system, and that it is the path of no other.
func checkPath(t *testing.T, name string, foldsCase bool) {
	t.Helper()
	path := pathOf(name, foldsCase)
	if !filepath.IsLocal(path) || len(path) > 4*longestName {
		t.Errorf("%q: the path is %q", name, path)
	}
	for segment := range strings.SplitSeq(path, "/") {
		if segment == "" || segment == "." || segment == ".." || len(segment) > longestSegment ||
			windowsName.MatchString(segment) || strings.HasSuffix(strings.ToLower(segment), linesExtension) {
			t.Errorf("%q: the path is %q", name, path)
		}
	}
	switch decoded, err := url.PathUnescape(path); {
	case name == "":
		if path != "%" {
			t.Errorf("the path of no name is %q", path)
		}
	case strings.Contains(path, "~"): // has a hash of a segment or of the name
		if len(name)*3 <= longestSegment {
			t.Errorf("%q is shortened to %q", name, path)
		}
	case err != nil || decoded != name:
		t.Errorf("%q: the path %q is decoded to %q, %v", name, path, decoded, err)
	}
}

func FuzzFilesStayInTheirFolderAndAreOfOneName(f *testing.F) {
	for _, name := range []string{
		"chat", "/aws/ivs", "..", "../..", "a/../b", "a//b", "a\x00", "con", "a.jsonl", "a.", "A", "~", "%", "%2F",
		"\\\\server\\c", "C:\\x", "nul.txt",
		strings.Repeat("a", 513), strings.Repeat("/", 512), strings.Repeat("é/", 200),
	} {
		f.Add(name, "a", "us-west-2", room)
		f.Add("a", name, name, name)
	}
	f.Fuzz(func(t *testing.T, name, other, region, room string) {
		if len(name)+len(other)+len(region)+len(room) > 4<<10 {
			return
		}
		for _, foldsCase := range []bool{true, false} {
			checkPath(t, name, foldsCase)
			a, b := pathOf(name, foldsCase), pathOf(other, foldsCase)
			if foldsCase {
				a, b = strings.ToLower(a), strings.ToLower(b)
			}
			if (a == b) != (name == other) {
				t.Errorf("%q and %q have the paths %q and %q", name, other, a, b)
			}
		}
		for kind := range kinds {
			d, second := deliveryOf(kind, name, `{}`), deliveryOf(kind, other, `{}`)
			d.Records[0].Room, d.Place.Owner.Region = room, region
			second.Records[0].Room = other
			same := name == other && room == other && (kind != S3 || region == owner.Region)
			if kind != Firehose && (d.fileName() == second.fileName()) != same {
				t.Errorf("%q and %q have the same file %q", name, other, d.fileName())
			}
			for _, file := range []string{d.fileName(), second.fileName()} {
				if !filepath.IsLocal(file) || path.Clean(file) != file || strings.Count(file, "/") > longestName/2+16 {
					t.Errorf("%q: the file is %q", name, file)
				}
				for segment := range strings.SplitSeq(file, "/") {
					if len(segment) > 255 {
						t.Errorf("%q: the file is %q", name, file)
					}
				}
			}
		}
	})
}

func TestAnObjectIsNeverWrittenOutsideTheFolder(t *testing.T) {
	for _, name := range []string{
		"", ".", "..", "../..", "../../../../../../tmp/x", "/etc", "a/../../../b", "a\x00b", "a\nb", `..\..\x`, "con",
		"C:\\x", "a.", "~", "\xff\xfe", "chat.jsonl",
		strings.Repeat("a", 10_000), strings.Repeat("../", 1000), strings.Repeat("a/", 100_000),
	} {
		for kind := range kinds {
			to, dir := inFolder(t)
			d := deliveryOf(kind, name, `{}`)
			d.Records[0].Room, d.Place.Owner.Region = name, name
			where := deliver(t, to, d)
			relative, err := filepath.Rel(dir, where)
			got := files(t, dir)
			if err != nil || !filepath.IsLocal(relative) || !slices.Equal(got, []string{filepath.ToSlash(relative)}) {
				t.Errorf("%.100q is at %s, and the folder has %.100q", name, where, got)
			}
			if got := files(t, filepath.Dir(dir)); len(got) != 1 {
				t.Errorf("%.100q made %.100q", name, got)
			}
		}
	}
}

func TestNoFileIsInThePlaceOfADirectoryOfAnotherName(t *testing.T) {
	to, dir := inFolder(t)
	var want []string
	for _, group := range []string{
		"a", "/a", "a/", "a//b", "a/b", "A", "a/aws/IVSChatLogs/1.0/room_" + room + ".jsonl", "a/aws",
		"a/aws/IVSChatLogs/1.0", "a/aws/IVSChatLogs/1.0/room_" + room + ".jsonl/b",
	} {
		if !legal[CloudWatchLogs].MatchString(group) {
			t.Errorf("%s is not legal", group)
		}
		want = append(want, deliver(t, to, deliveryOf(CloudWatchLogs, group, `{}`)))
	}
	slices.Sort(want)
	if got := files(t, dir); len(got) != len(want) || len(slices.Compact(want)) != len(want) {
		t.Errorf("the folder has %q", got)
	}
}
