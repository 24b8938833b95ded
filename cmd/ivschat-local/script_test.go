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
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestScripts runs the program as its user would. Beside testscript's own
// commands the scripts have
//
//	start ARGS…       runs the program on a free port; $URL and $ADDRESS are where
//	end TERM|INT      signals it and wants exit code 0 within five seconds; testscript has a
//	                  stop of its own, which ends the script
//	said TEXT         wants that the running program has said it
//	request METHOD PATH [BODY]   prints status and body of the reply
//	hold [TEXT]       opens a connection to it, sends the text and stays
func TestScripts(t *testing.T) {
	if scripts, err := filepath.Glob("testdata/script/*.txtar"); err != nil || len(scripts) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	var running sync.Map // *testscript.Env's work directory -> *process
	of := func(s *testscript.TestScript) *process {
		p, ok := running.Load(s.Getenv("WORK"))
		if !ok {
			s.Fatalf("nothing was started")
		}
		return p.(*process)
	}
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			env.Vars = append(env.Vars, "HOME="+env.WorkDir, "XDG_STATE_HOME="+env.WorkDir+"/state")
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"start": func(s *testscript.TestScript, _ bool, args []string) {
				program, err := exec.LookPath(filepath.Join(strings.SplitN(s.Getenv("PATH"), ":", 2)[0], "ivschat-local"))
				s.Check(err)
				var environment []string
				for _, name := range []string{"HOME", "XDG_STATE_HOME", "PATH", "IVSCHAT_DATA", "IVSCHAT_LOG_FORMAT", "IVSCHAT_ACCOUNT", "IVSCHAT_REGION"} {
					if value := s.Getenv(name); value != "" {
						environment = append(environment, name+"="+value)
					}
				}
				p, err := launch(s.MkAbs("."), environment, program, append([]string{"--listen", "127.0.0.1:0"}, args...)...)
				s.Check(err)
				s.Defer(func() { _ = p.command.Process.Kill() })
				running.Store(s.Getenv("WORK"), p)
				s.Setenv("URL", p.endpoint)
				s.Setenv("ADDRESS", strings.TrimPrefix(p.endpoint, "http://"))
			},
			"end": func(s *testscript.TestScript, _ bool, args []string) {
				code, took := of(s).stop(signals[args[0]])
				if code != 0 || took > 5*time.Second {
					s.Fatalf("it ended with exit code %d after %s: %s", code, took, of(s).log())
				}
			},
			"said": func(s *testscript.TestScript, negated bool, args []string) {
				if p := of(s); negated && strings.Contains(p.stdout+p.log(), args[0]) || !negated && !p.says(args[0]) {
					s.Fatalf("it said\n%s", p.stdout+p.log())
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
				if strings.Contains(text, "Expect: 100-continue") { // answered once the body is being waited for
					line, err := bufio.NewReader(connection).ReadString('\n')
					s.Check(err)
					s.Logf("held: %s", line)
				}
			},
		},
	})
}

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
