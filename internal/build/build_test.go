package build

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"testing"
)

func TestTheTextSaysWhatIsKnown(t *testing.T) {
	const hash = "0123456789abcdef0123456789abcdef01234567"
	platform := fmt.Sprintf("%s %s/%s", runtime.Version(), runtime.GOOS, runtime.GOARCH)
	for _, test := range []struct{ commit, date, want string }{
		{"", "", platform},
		{hash, "2026-11-28T09:00:00Z", "commit 0123456789ab, 2026-11-28T09:00:00Z, " + platform},
		{hash + "-dirty", "", "commit 0123456789ab with changes, " + platform},
		{"0123", "", "commit 0123, " + platform},
	} {
		t.Run(test.want, func(t *testing.T) {
			defer func(c, d string) { commit, date = c, d }(commit, date)
			commit, date = test.commit, test.date
			if got, want := Text("program"), "program "+Version+" ("+test.want+")"; got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		})
	}
}

func TestTheGoCommandKnowsTheCommit(t *testing.T) {
	setting := func(key, value string) debug.BuildSetting { return debug.BuildSetting{Key: key, Value: value} }
	for _, test := range []struct {
		of           string
		version      string
		settings     []debug.BuildSetting
		commit, date string
	}{
		{of: "nothing"},
		{of: "a directory that is no clone", version: "(devel)"},
		{of: "a release", version: "v0.1.0"},
		{
			of: "a clone", version: "v0.1.1-0.20261128090000-0123456789ab+dirty",
			settings: []debug.BuildSetting{
				setting("vcs", "git"), setting("vcs.revision", "0123456789abcdef"),
				setting("vcs.time", "2026-11-28T09:00:00Z"), setting("vcs.modified", "false"),
			},
			commit: "0123456789abcdef", date: "2026-11-28T09:00:00Z",
		},
		{
			of: "a clone with changes",
			settings: []debug.BuildSetting{
				setting("vcs.revision", "0123456789abcdef"), setting("vcs.modified", "true"),
			},
			commit: "0123456789abcdef-dirty",
		},
		{
			of: "a commit before the first release", version: "v0.0.0-20261128090001-0123456789ab",
			commit: "0123456789ab", date: "2026-11-28T09:00:01Z",
		},
		{
			of: "a commit after a release", version: "v0.1.1-0.20261128090001-0123456789ab",
			commit: "0123456789ab", date: "2026-11-28T09:00:01Z",
		},
	} {
		info := &debug.BuildInfo{Main: debug.Module{Version: test.version}, Settings: test.settings}
		if commit, date := source(info); commit != test.commit || date != test.date {
			t.Errorf("%s: got %q, %q, want %q, %q", test.of, commit, date, test.commit, test.date)
		}
	}
}
