package main

import (
	"context"
	"strings"

	"github.com/aws/aws-lambda-go/lambda"
)

type event struct {
	Content, MessageId, RoomArn string
	Attributes                  map[string]string
	Sender                      struct {
		UserId, Ip string
		Attributes map[string]string
	}
}

type answer struct {
	ReviewResult, Content string
	Attributes            map[string]string
}

func review(_ context.Context, e event) (answer, error) {
	if strings.Contains(e.Content, "darn") {
		return answer{ReviewResult: "DENY", Attributes: map[string]string{"Reason": "Please do not swear."}}, nil
	}
	return answer{ReviewResult: "ALLOW", Content: strings.ReplaceAll(e.Content, "heck", "h***")}, nil
}

func main() { lambda.Start(review) }
