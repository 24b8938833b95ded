package clients_test

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivschat"

	"github.com/ivschat-local/ivschat-local/internal/program"
)

// The claims use the AWS SDK for Go for everything else.
func TestTheEndpointOfTheSDKForGoMayEndWithASlash(t *testing.T) {
	t.Parallel()
	chat := ivschat.New(ivschat.Options{
		Region:       "eu-west-1",
		BaseEndpoint: aws.String(program.Start(t) + "/"),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "123456789012", SecretAccessKey: "any"}, nil
		}),
	})
	room, err := chat.CreateRoom(t.Context(), &ivschat.CreateRoomInput{Tags: map[string]string{"a b": "c/d"}})
	if err != nil {
		t.Fatal(err)
	}
	listed, err := chat.ListTagsForResource(t.Context(), &ivschat.ListTagsForResourceInput{ResourceArn: room.Arn})
	if err != nil || listed.Tags["a b"] != "c/d" {
		t.Errorf("the tags are %v, %v", listed, err)
	}
}
