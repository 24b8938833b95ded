package main

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivschat"
)

// sdk returns a client of the emulator at the endpoint.
func sdk(endpoint string) *ivschat.Client { return sdkOf(endpoint, "123456789012") }

// once is an option of clients that do not repeat requests.
func once(o *ivschat.Options) { o.Retryer = aws.NopRetryer{} }

// sdkOf returns a client with an account.
func sdkOf(endpoint, account string, options ...func(*ivschat.Options)) *ivschat.Client {
	return ivschat.NewFromConfig(aws.Config{
		Region:       "us-east-1",
		BaseEndpoint: &endpoint,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: account, SecretAccessKey: "any"}, nil
		}),
	}, options...)
}
