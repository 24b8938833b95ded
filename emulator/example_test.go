package emulator_test

import (
	"context"
	"fmt"
	"log"
	"regexp"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivschat"
	"github.com/aws/aws-sdk-go-v2/service/ivschat/types"

	"github.com/ivschat-local/ivschat-local/emulator"
)

// A program or a test starts an emulator in its own process and connects the AWS SDK to it.
func Example() {
	e, err := emulator.New(emulator.Config{})
	if err != nil {
		log.Fatal(err)
	}
	defer e.Close()
	if err := e.Start(); err != nil {
		log.Fatal(err)
	}

	chat := ivschat.NewFromConfig(aws.Config{
		Region:       "us-east-1",
		BaseEndpoint: aws.String(e.URL()),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "123456789012", SecretAccessKey: "any"}, nil
		}),
	})

	room, err := chat.CreateRoom(context.Background(), &ivschat.CreateRoomInput{Name: aws.String("lobby")})
	if err != nil {
		log.Fatal(err)
	}
	token, err := chat.CreateChatToken(context.Background(), &ivschat.CreateChatTokenInput{
		RoomIdentifier: room.Arn,
		UserId:         aws.String("anna"),
		Capabilities:   []types.ChatTokenCapability{types.ChatTokenCapabilitySendMessage},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(regexp.MustCompile(`\w{12}$`).ReplaceAllString(*room.Arn, "…"))
	fmt.Println((*token.Token)[:6] + "…" + (*token.Token)[len(*token.Token)-2:])
	// Output:
	// arn:aws:ivschat:us-east-1:123456789012:room/…
	// AQICAH…#0
}
