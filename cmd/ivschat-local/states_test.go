package main

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivschat"
	"github.com/aws/aws-sdk-go-v2/service/ivschat/types"
)

// stateOf returns the state of a logging configuration, or that it does not exist.
func stateOf(t *testing.T, p *process, arn *string) string {
	t.Helper()
	got, err := sdkOf(p.endpoint, "local").GetLoggingConfiguration(t.Context(),
		&ivschat.GetLoggingConfigurationInput{Identifier: arn})
	if _, isGone := errors.AsType[*types.ResourceNotFoundException](err); isGone {
		return "deleted"
	}
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(got.State, " ", *got.Name)
}

func TestTransitionsOfLoggingConfigurationsSurviveAKill(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var arns []*string
	create := func(p *process) {
		t.Helper()
		created, err := sdkOf(p.endpoint, "local").CreateLoggingConfiguration(t.Context(),
			&ivschat.CreateLoggingConfigurationInput{
				Name: aws.String("old"),
				DestinationConfiguration: &types.DestinationConfigurationMemberS3{
					Value: types.S3DestinationConfiguration{BucketName: aws.String("chat-logs")},
				},
			})
		if err != nil {
			t.Fatal(err)
		}
		arns = append(arns, created.Arn)
	}
	check := func(p *process, want ...string) {
		t.Helper()
		var got []string
		for _, arn := range arns {
			got = append(got, stateOf(t, p, arn))
		}
		if !slices.Equal(got, want) {
			t.Errorf("the states are %q, want %q", got, want)
		}
	}
	kill := func(p *process) { p.stop(os.Kill) }

	p := launchSelf(t, "--data", dir)
	create(p)
	create(p)
	check(p, "ACTIVE old", "ACTIVE old")
	kill(p)

	p = launchSelf(t, "--data", dir, "--logging-configuration-delay", "1h")
	_, updateErr := sdkOf(p.endpoint, "local").UpdateLoggingConfiguration(t.Context(),
		&ivschat.UpdateLoggingConfigurationInput{
			Identifier: arns[0], Name: aws.String("new"),
		})
	_, deleteErr := sdkOf(p.endpoint, "local").DeleteLoggingConfiguration(t.Context(),
		&ivschat.DeleteLoggingConfigurationInput{Identifier: arns[1]})
	if err := errors.Join(updateErr, deleteErr); err != nil {
		t.Fatal(err)
	}
	create(p)
	check(p, "UPDATING old", "DELETING old", "CREATING old")
	kill(p)

	p = launchSelf(t, "--data", dir, "--logging-configuration-delay", "1h")
	check(p, "UPDATING old", "DELETING old", "CREATING old")
	response, err := http.Post(p.endpoint+"/_ivschat/v1/clock", "application/json",
		strings.NewReader(`{"advance":"1h"}`))
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	check(p, "ACTIVE new", "deleted", "ACTIVE old")
	kill(p)

	p = launchSelf(t, "--data", dir)
	check(p, "ACTIVE new", "deleted", "ACTIVE old")
}
