package clients_test

import (
	"encoding/json"
	"fmt"
	"go/format"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/ivschat-local/ivschat-local/internal/program"
)

// calls returns the entries of calls that can be repeated.
func (c *copies) calls() []entry {
	return slices.DeleteFunc(slices.Clone(c.entries), func(e entry) bool {
		return e["kind"] != "call" || e["operation"] == "unknown"
	})
}

// callsOf returns the first entry of each operation.
func (c *copies) callsOf(operations ...string) (found []entry) {
	for _, operation := range operations {
		i := slices.IndexFunc(c.entries, func(e entry) bool { return e["operation"] == operation && e["kind"] == "call" })
		found = append(found, c.entries[i])
	}
	return found
}

// selected returns the entries of frames whose text contains one of the texts.
func (c *copies) selected(texts ...string) (found []entry) {
	for _, text := range texts {
		n := len(found)
		for _, e := range c.entries {
			frame, _ := json.Marshal(e["frame"])
			raw, _ := e["text"].(string)
			if e["kind"] == "frame" && (strings.Contains(string(frame), text) || strings.Contains(raw, text)) {
				found = append(found, e)
			}
		}
		if len(found) == n {
			c.t.Fatalf("no frame contains %s", text)
		}
	}
	return found
}

// repeatCalls runs what was copied for calls, and checks that the same was called with the same outcome.
func (c *copies) repeatCalls(name string, calls []entry) {
	for _, call := range calls {
		text := c.textOf(call, name)
		last := c.last()
		status := call["status"].(float64)
		if name == "AWS CLI" && status != 200 {
			text += " || true"
		}
		c.command("", "bash", "-c", text)
		c.happened(last, text, call, "kind", "operation", "request", "account", "region", "exception", "status")
	}
}

// repeatFrames runs what was copied for frames, and checks that it has the same outcome: the same event or message
// is sent to everyone, or the same error to the user.
func (c *copies) repeatFrames(name string, frames ...entry) {
	for _, frame := range frames {
		text := c.textOf(frame, name)
		last := c.last()
		c.command("", "bash", "-c", text)
		answer := frame
		if frame["direction"] == "in" {
			answer = c.entries[slices.IndexFunc(c.entries, func(e entry) bool { return e["id"] == frame["id"] })+1]
			if strings.Contains(text, "--execute") {
				c.happened(last, text, frame, "kind", "direction", "frame", "text", "userId", "room")
			}
		}
		c.happened(last, text, answer, "kind", "direction", "room", "Type", "EventName", "Content", "Attributes", "ErrorCode")
	}
}

// textOf returns what is copied for an entry.
func (c *copies) textOf(e entry, name string) string {
	c.t.Helper()
	text := c.texts[e["id"].(float64)][name]
	if text == "" {
		c.t.Fatalf("nothing is copied as %s for %v", name, e)
	}
	return text
}

// happened waits for an entry that follows the last one, and has the same members of these names. They may also be
// members of a frame.
func (c *copies) happened(last float64, text string, want entry, names ...string) {
	c.t.Helper()
	var entries []entry
	for count := 1; count <= 2; count++ { // a request and its answer, or one event
		query := fmt.Sprintf("?kind=%v&after=%.0f&count=%d&timeout=5s", want["kind"], last, count)
		entries = c.journal(query)
		for _, e := range entries {
			frame, _ := e["frame"].(map[string]any)
			wanted, _ := want["frame"].(map[string]any)
			if e.is(want, names...) && entry(frame).is(wanted, names...) {
				return
			}
		}
	}
	c.t.Errorf("%s\ncaused %v\n  want %v", text, entries, want)
}

// runTerminal runs the commands of the first step. It is run first, because it needs a room with another name than any
// other.
func (c *copies) runTerminal() {
	path := "PATH=" + filepath.Dir(program.Path(c.t)) + ":$PATH\n"
	c.takesFirstStep("Hello from the terminal\n", "bash", "-c", path+c.firstSteps["Terminal"])
	if frames := fmt.Sprint(c.journal("?kind=frame&count=2")); !strings.Contains(frames, "Hello from the terminal") {
		c.t.Errorf("nothing was said: %s", frames)
	}
}

// runJavaScript runs each program for Node.js. Those for frames that were received check what they receive.
func (c *copies) runJavaScript() {
	dir := c.t.TempDir()
	if err := os.Symlink(filepath.Join(filepath.Dir(c.bin)), filepath.Join(dir, "node_modules")); err != nil {
		c.t.Fatal(err)
	}
	program := filepath.Join(dir, "program.mjs")
	write := func(text string) {
		c.t.Helper()
		if err := os.WriteFile(program, []byte(text), 0o600); err != nil {
			c.t.Fatal(err)
		}
	}
	write(c.firstSteps["JavaScript"])
	c.takesFirstStep("", "node", program)
	ran := 0
	for _, e := range c.entries {
		text := c.texts[e["id"].(float64)]["JavaScript"]
		if text == "" {
			continue
		}
		write(text)
		last := c.last()
		c.command("", "node", program)
		c.happened(last, text, entry{"kind": "connect", "room": c.room}, "kind", "room")
		ran++
	}
	if ran < 11 {
		c.t.Errorf("there were only %d programs", ran)
	}
}

// runGo compiles and runs the tests in Go, in a module of their own, and the program for the first step.
func (c *copies) runGo() {
	dir := c.t.TempDir()
	root, err := filepath.Abs("../..")
	if err != nil {
		c.t.Fatal(err)
	}
	write := func(name, text string) {
		c.t.Helper()
		formatted, err := format.Source([]byte(text))
		if err != nil || string(formatted) != text && strings.HasSuffix(name, ".go") {
			c.t.Errorf("%s is not formatted: %v\n%s", name, err, text)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			c.t.Fatal(err)
		}
	}
	for _, name := range []string{"go.mod", "go.sum"} {
		text, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			c.t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			c.t.Fatal(err)
		}
	}
	const ours = "github.com/ivschat-local/ivschat-local"
	c.command("", "go", "-C", dir, "mod", "edit",
		"-module=example.com/chat", "-require="+ours+"@v0.0.0", "-replace="+ours+"="+root)
	tests := 0
	for _, e := range c.entries {
		if text := c.texts[e["id"].(float64)]["Go test"]; text != "" {
			tests++
			write(fmt.Sprintf("frame%.0f_test.go", e["id"]), text)
		}
	}
	c.command("", "go", "-C", dir, "vet", "./...")
	output := c.command("", "go", "-C", dir, "test", "-v", "./...")
	if passed := strings.Count(output, "--- PASS"); passed != tests || tests < 12 {
		c.t.Errorf("%d of %d tests have passed:\n%s", passed, tests, output)
	}
	write("main.go", c.firstSteps["Go"])
	c.takesFirstStep("", "go", "-C", dir, "run", "main.go")
}
