// Package build says what a program was built from.
package build

import (
	"fmt"
	"regexp"
	"runtime"
	"runtime/debug"
	"strings"
)

// Version is the version of the project, the latest in CHANGELOG.md.
const Version = "0.1.0"

// The Makefile and .goreleaser.yaml set these variables with -ldflags -X. Without them, the Go command has noted what
// it built.
var (
	commit string // the full hash, with "-dirty" after it if there were changes; "" if it is not known
	date   string // the time of the commit, as in RFC 3339; "" if it is not known
)

// Text returns what a program says about its version: its name, the version, the commit and its time if they are
// known, the Go version and the platform.
func Text(program string) string {
	commit, date := commit, date // programs run in several goroutines of tests
	if info, ok := debug.ReadBuildInfo(); ok && commit == "" {
		commit, date = source(info)
	}
	details := fmt.Sprintf("%s %s/%s", runtime.Version(), runtime.GOOS, runtime.GOARCH)
	if date != "" {
		details = date + ", " + details
	}
	if hash, dirty, _ := strings.Cut(commit, "-"); hash != "" {
		short := hash[:min(len(hash), shortHash)]
		if dirty != "" {
			short += " with changes"
		}
		details = "commit " + short + ", " + details
	}
	return fmt.Sprintf("%s %s (%s)", program, Version, details)
}

// shortHash is the length of the hashes of commits in the versions of modules.
const shortHash = 12

// pseudoVersion matches the version of a module at a commit that is no release.
// https://go.dev/ref/mod#pseudo-versions
var pseudoVersion = regexp.MustCompile(`[-.](\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)-([0-9a-f]{12})(?:\+|$)`)

// source returns the commit that the Go command built, and its time: of a clone, or of a module's version that has
// them. A release does not.
func source(info *debug.BuildInfo) (commit, date string) {
	for _, setting := range info.Settings {
		switch setting.Key {
		case "vcs.revision":
			commit += setting.Value
		case "vcs.time":
			date = setting.Value
		case "vcs.modified":
			if setting.Value == "true" {
				commit += "-dirty"
			}
		}
	}
	if part := pseudoVersion.FindStringSubmatch(info.Main.Version); part != nil && commit == "" {
		return part[7], fmt.Sprintf("%s-%s-%sT%s:%s:%sZ", part[1], part[2], part[3], part[4], part[5], part[6])
	}
	return commit, date
}
