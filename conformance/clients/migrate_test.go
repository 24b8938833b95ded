package clients_test

import (
	"strings"
	"testing"

	"github.com/ivschat-local/ivschat-local/internal/browser"
	"github.com/ivschat-local/ivschat-local/internal/guides"
	"github.com/ivschat-local/ivschat-local/internal/program"
)

// TestAFrontEndWithoutItsMock runs the tests of the guide to migration, in Chromium, with the official chat client and
// Playwright: two users chat, and a moderator deletes a message and bans a user.
func TestAFrontEndWithoutItsMock(t *testing.T) {
	t.Parallel()
	needNode(t)
	chromium := browser.Chromium(t)
	run(t, program.Path(t), []string{
		"exec", "--journal=", "--", "node_modules/.bin/playwright", "test", "-c", "migrate",
	}, "js", "CHROMIUM="+chromium, "RESULTS="+t.TempDir(), "NO_PROXY=*")
}

// TestWhatAMockGetsWrong compares a mock with the emulator.
func TestWhatAMockGetsWrong(t *testing.T) {
	t.Parallel()
	runNode(t, "migrate/mock.test.mjs", "URL="+program.Start(t))
}

// TestTheGuideToMigrationHasTheFilesThatTheTestsRun compares the examples of the guide with the tested files.
func TestTheGuideToMigrationHasTheFilesThatTheTestsRun(t *testing.T) {
	t.Parallel()
	guide := guides.Open(t, "docs/migrate.md", "js", "sh")
	guide.HasFile("js/migrate/chat.mjs")
	guide.HasFile("js/migrate/mock.mjs")
	for _, part := range []string{"async function join(", `"a moderator deletes a message"`, `"a moderator bans a viewer"`,
		`"the back end bans`, `"a viewer stays in`} {
		guide.IsIn("js/migrate/channel.spec.mjs", "js", part)
	}
	for _, block := range guide.Blocks("sh") { // TestAFrontEndWithoutItsMock runs it with another configuration
		if want := "ivschat-local exec -- npx playwright test"; strings.TrimSpace(block.Code) != want {
			t.Errorf("no test runs %s", block.Code)
		}
	}
}
