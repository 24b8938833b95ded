//go:build unix

package main

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ivschat"

	"github.com/ivschat-local/ivschat-local/store"
)

// A maximum file size stands for a full disk.
func TestAFullDiskLosesNothingThatWasAcknowledged(t *testing.T) {
	dir := t.TempDir()
	// The second argument of sh -c is $0.
	p, err := launch(t.TempDir(), append(os.Environ(), asProgram+"=1", endAtOnce), "sh",
		"-c", `ulimit -f 512 && exec "$0" --listen 127.0.0.1:0 --data "$1"`, os.Args[0], dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = p.command.Process.Kill()
		_ = p.command.Wait()
	})
	chat := sdkOf(p.endpoint, "123456789012", once)
	// The SDK for Go closes the body of a request when the answer begins, and the connection with it if the
	// body does not fit into its buffer of 4 KiB and is not completely processed (smithy-go 1.28.9).
	tags := map[string]string{}
	for i := range 10 {
		tags[strings.Repeat("k", i+1)] = strings.Repeat("v", 256)
	}
	var created []string
	for len(created) < 1000 {
		room, err := chat.CreateRoom(t.Context(), &ivschat.CreateRoomInput{Tags: tags})
		if err != nil {
			t.Logf("the write that failed: %v", err)
			break
		}
		created = append(created, *room.Arn)
	}
	if database := filepath.Join(dir, store.File); !p.prints(database + " cannot be written") {
		t.Errorf("the log does not name the database: %s", p.log())
	}
	response, err := http.Get(p.endpoint + "/health")
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	if response.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("health is %s", response.Status)
	}
	if code, _ := p.stop(os.Interrupt); code != 0 {
		t.Errorf("the exit code is %d: %s", code, p.log())
	}
	chat = sdk(launchSelf(t, "--data", dir).endpoint)
	for _, arn := range created {
		if _, err := chat.GetRoom(t.Context(), &ivschat.GetRoomInput{Identifier: &arn}); err != nil {
			t.Errorf("%s was acknowledged, but %v", arn, err)
		}
	}
	if len(created) == 0 || len(created) == 1000 {
		t.Errorf("%d rooms were created", len(created))
	}
}
