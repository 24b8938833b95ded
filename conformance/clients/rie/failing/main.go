// failing is a function that fails: it panics about the message "panic", and returns an error about others.
package main

import (
	"context"
	"errors"

	"github.com/aws/aws-lambda-go/lambda"
)

func main() {
	lambda.Start(func(_ context.Context, event struct{ Content string }) (any, error) {
		if event.Content == "panic" {
			panic("the function panicked")
		}
		return nil, errors.New("the function failed")
	})
}
