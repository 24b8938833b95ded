// Program reader creates destinations of chat logs and reads what is there, with the AWS SDK for Go. Its results are
// JSON on standard output. The environment has the endpoint, the region and the credentials, as for every program
// with an AWS SDK.
//
//	reader create bucket NAME
//	reader create group NAME
//	reader create stream NAME BUCKET    a delivery stream of Firehose, which writes to a bucket
//	reader objects BUCKET               [{"key": …, "body": base64, "contentType": …, "contentEncoding": …}]
//	                                    in the order of the keys
//	reader events GROUP                 [{"stream": …, "timestamp": milliseconds, "message": …}]
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"os"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/firehose"
	firehosetypes "github.com/aws/aws-sdk-go-v2/service/firehose/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
)

func main() {
	ctx := context.Background()
	configuration, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		log.Fatal(err)
	}
	result, err := run(ctx, configuration, os.Args[1:])
	if err != nil {
		log.Fatal(err)
	}
	if err := json.NewEncoder(os.Stdout).Encode(result); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, c aws.Config, args []string) (result any, err error) {
	buckets := s3.NewFromConfig(c, func(o *s3.Options) { o.UsePathStyle = true })
	switch {
	case len(args) == 3 && args[0] == "create" && args[1] == "bucket":
		return buckets.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: &args[2]})
	case len(args) == 3 && args[0] == "create" && args[1] == "group":
		input := &cloudwatchlogs.CreateLogGroupInput{LogGroupName: &args[2]}
		return cloudwatchlogs.NewFromConfig(c).CreateLogGroup(ctx, input)
	case len(args) == 4 && args[0] == "create" && args[1] == "stream":
		return createStream(ctx, firehose.NewFromConfig(c), args[2], args[3])
	case len(args) == 2 && args[0] == "objects":
		return objects(ctx, buckets, args[1])
	case len(args) == 2 && args[0] == "events":
		return events(ctx, cloudwatchlogs.NewFromConfig(c), args[1])
	}
	return nil, fmt.Errorf("unknown arguments %q", args)
}

func createStream(ctx context.Context, c *firehose.Client, name, bucket string) (any, error) {
	return c.CreateDeliveryStream(ctx, &firehose.CreateDeliveryStreamInput{
		DeliveryStreamName: &name,
		ExtendedS3DestinationConfiguration: &firehosetypes.ExtendedS3DestinationConfiguration{
			BucketARN: aws.String("arn:aws:s3:::" + bucket),
			RoleARN:   aws.String("arn:aws:iam::123456789012:role/firehose"),
		},
	})
}

type object struct {
	Key             string `json:"key"`
	Body            []byte `json:"body"`
	ContentType     string `json:"contentType"`
	ContentEncoding string `json:"contentEncoding"`
}

// objects returns all objects of a bucket, in the order in which S3 lists them.
func objects(ctx context.Context, c *s3.Client, bucket string) ([]object, error) {
	all := []object{}
	pages := s3.NewListObjectsV2Paginator(c, &s3.ListObjectsV2Input{Bucket: &bucket})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, listed := range page.Contents {
			o, err := read(ctx, c, bucket, listed)
			if err != nil {
				return nil, err
			}
			all = append(all, o)
		}
	}
	return all, nil
}

func read(ctx context.Context, c *s3.Client, bucket string, listed s3types.Object) (object, error) {
	got, err := c.GetObject(ctx, &s3.GetObjectInput{Bucket: &bucket, Key: listed.Key})
	if err != nil {
		return object{}, err
	}
	defer got.Body.Close()
	body, err := io.ReadAll(got.Body)
	return object{*listed.Key, body, aws.ToString(got.ContentType), aws.ToString(got.ContentEncoding)}, err
}

type event struct {
	Stream    string `json:"stream"`
	Timestamp int64  `json:"timestamp"`
	Message   string `json:"message"`
}

// events returns all events of a log group, by time.
func events(ctx context.Context, c *cloudwatchlogs.Client, group string) ([]event, error) {
	all := []event{}
	pages := cloudwatchlogs.NewFilterLogEventsPaginator(c, &cloudwatchlogs.FilterLogEventsInput{LogGroupName: &group})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, e := range page.Events {
			all = append(all, event{*e.LogStreamName, *e.Timestamp, *e.Message})
		}
	}
	return all, nil
}
