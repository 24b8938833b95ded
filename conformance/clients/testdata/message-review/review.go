package main

import (
	"encoding/json"
	"os"
	"strings"
)

func main() {
	events, answers := json.NewDecoder(os.Stdin), json.NewEncoder(os.Stdout)
	for event := (struct{ Content string }{}); events.Decode(&event) == nil; {
		answer := map[string]any{"ReviewResult": "ALLOW", "Content": strings.ReplaceAll(event.Content, "heck", "h***")}
		if strings.Contains(event.Content, "darn") {
			answer = map[string]any{"ReviewResult": "DENY", "Attributes": map[string]string{"Reason": "Please do not swear."}}
		}
		answers.Encode(answer)
	}
}
