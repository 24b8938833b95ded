// Command compose checks a Compose file with the library of Docker Compose, and prints it as JSON with everything
// resolved, as docker compose config does. Variables come from the environment.
//
//	go run -C packages/compose . /path/to/compose.yaml
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/compose-spec/compose-go/v2/cli"
)

func main() {
	text, err := resolve(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "compose:", err)
		os.Exit(1)
	}
	fmt.Printf("%s\n", text)
}

// resolve reads Compose files, each of which extends the one before it.
func resolve(paths []string) ([]byte, error) {
	options, err := cli.NewProjectOptions(paths, cli.WithOsEnv)
	if err != nil {
		return nil, err
	}
	project, err := options.LoadProject(context.Background())
	if err != nil {
		return nil, err
	}
	return project.MarshalJSON()
}
