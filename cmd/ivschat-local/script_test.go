package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestScripts runs the program as its user would. In addition to testscript's own commands, the
// scripts have these, and the condition [ipv6]. Programs in the directory bin of a script come before those of the
// system.
//
//	start ARGS…        starts the program, on a free port of 127.0.0.1 unless there is a --listen, and
//	                   sets $URL, $ADDRESS and $PORT
//	end TERM|INT       sends it a signal and expects exit code 0 within five seconds
//	                   (testscript's own "stop" ends the script)
//	printed TEXT       expects that the running program prints the text
//	request METHOD PATH [BODY]   prints the status and the body of the reply
//	hold [LINE…]       opens a connection to it, sends the lines, and keeps the connection open
func TestScripts(t *testing.T) {
	if scripts, err := filepath.Glob("testdata/script/*.txtar"); err != nil || len(scripts) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	var running sync.Map // work directory of a script -> its *process
	programOf := func(s *testscript.TestScript) *process {
		p, ok := running.Load(s.Getenv("WORK"))
		if !ok {
			s.Fatalf("the script has not started the program")
		}
		return p.(*process)
	}
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			programs, system, _ := strings.Cut(env.Getenv("PATH"), ":")
			env.Vars = append(env.Vars, endAtOnce, "HOME="+env.WorkDir, "XDG_STATE_HOME="+env.WorkDir+"/state",
				"PATH="+programs+":"+env.WorkDir+"/bin:"+system)
			return nil
		},
		Condition: func(name string) (bool, error) {
			listener, err := net.Listen("tcp", "[::1]:0")
			if err == nil {
				err = listener.Close()
			}
			return name == "ipv6" && err == nil, nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"start": func(s *testscript.TestScript, _ bool, args []string) {
				programs, _, _ := strings.Cut(s.Getenv("PATH"), ":") // testscript's own directory comes first
				program, err := exec.LookPath(filepath.Join(programs, "ivschat-local"))
				s.Check(err)
				var environment []string
				for _, name := range passedVariables {
					if value := s.Getenv(name); value != "" {
						environment = append(environment, name+"="+value)
					}
				}
				if !slices.Contains(args, "--listen") {
					args = append([]string{"--listen", "127.0.0.1:0"}, args...)
				}
				p, err := launch(s.MkAbs("."), environment, program, args...)
				s.Check(err)
				s.Defer(func() { _ = p.command.Process.Kill() })
				running.Store(s.Getenv("WORK"), p)
				s.Setenv("URL", p.endpoint)
				_, address, _ := strings.Cut(p.endpoint, "://")
				s.Setenv("ADDRESS", address)
				s.Setenv("PORT", address[strings.LastIndex(address, ":")+1:])
			},
			"end": func(s *testscript.TestScript, _ bool, args []string) {
				code, took := programOf(s).stop(signals[args[0]])
				if code != 0 || took > 5*time.Second {
					s.Fatalf("it ended with exit code %d after %s: %s", code, took, programOf(s).log())
				}
			},
			"printed": func(s *testscript.TestScript, negated bool, args []string) {
				p := programOf(s)
				if negated && strings.Contains(p.stdout+p.log(), args[0]) || !negated && !p.prints(args[0]) {
					s.Fatalf("it printed\n%s", p.stdout+p.log())
				}
			},
			"request": func(s *testscript.TestScript, _ bool, args []string) {
				s.Check(request(s, args))
			},
			"hold": func(s *testscript.TestScript, _ bool, args []string) {
				connection, err := net.Dial("tcp", s.Getenv("ADDRESS"))
				s.Check(err)
				s.Defer(func() { _ = connection.Close() })
				text := strings.Join(args, "\r\n")
				_, err = io.WriteString(connection, text)
				s.Check(err)
				if strings.Contains(text, "Expect: 100-continue") {
					// The answer comes once the server waits for the body.
					line, err := bufio.NewReader(connection).ReadString('\n')
					s.Check(err)
					s.Logf("received %s", line)
				}
			},
		},
	})
}

// passedVariables are the environment variables that start passes on to the program.
var passedVariables = []string{
	"HOME", "XDG_STATE_HOME", "PATH",
	"IVSCHAT_DATA", "IVSCHAT_LOG_FORMAT", "IVSCHAT_ACCOUNT", "IVSCHAT_REGION",
}

// request sends a request to the running program and prints the status and the body of the reply.
func request(s *testscript.TestScript, args []string) error {
	body := ""
	if len(args) > 2 {
		body = args[2]
	}
	request, err := http.NewRequest(args[0], s.Getenv("URL")+args[1], strings.NewReader(body))
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	var text bytes.Buffer
	if _, err := text.ReadFrom(response.Body); err != nil {
		return err
	}
	_, err = fmt.Fprintf(s.Stdout(), "%d %s\n", response.StatusCode, text.String())
	return err
}
