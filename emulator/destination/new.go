package destination

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"net/http"

	"github.com/ivschat-local/ivschat-local/emulator/awsapi"
)

// A Config says where chat logs are delivered to. With the zero value, they stay in memory.
type Config struct {
	// The URLs of servers with the APIs of the services, which CheckEndpoint accepts. "" means that there is none.
	S3Endpoint, CloudWatchLogsEndpoint, FirehoseEndpoint string
	// AWSEndpoint is the URL of a server with the APIs of those services that have no endpoint of their own.
	AWSEndpoint string
	// Folder is where files of the services without an endpoint are. It is made when it is needed. "" means that
	// nothing is written.
	Folder string
	// Logger receives what users should know about deliveries that succeed. nil means nothing is logged.
	Logger *slog.Logger
}

// parallelRequests is how many requests a server gets at the same time. Many logging configurations whose server hangs
// would otherwise take all file descriptors, which chat needs, too.
const parallelRequests = 128

// deliverers is the Deliverer of a Config.
type deliverers struct {
	client *http.Client
	byKind map[Kind]Deliverer
}

// New returns the Deliverer of a config: for each kind at its endpoint, or else in the folder, or else in memory. It
// reaches no server, and makes no folder. The error begins with the name of what is wrong in the config.
func New(config Config) (Deliverer, error) {
	logger := cmp.Or(config.Logger, slog.New(slog.DiscardHandler))
	d := &deliverers{client: awsapi.NewHTTPClient(parallelRequests), byKind: map[Kind]Deliverer{}}
	var rest Deliverer = memory{}
	if config.Folder != "" {
		folder, err := newFolder(config.Folder)
		if err != nil {
			return nil, err
		}
		rest = folder
	}
	for kind, endpoint := range map[Kind]string{
		S3: config.S3Endpoint, CloudWatchLogs: config.CloudWatchLogsEndpoint, Firehose: config.FirehoseEndpoint,
	} {
		service := services[kind]
		if endpoint == "" {
			endpoint, service.flag = config.AWSEndpoint, "--aws-endpoint"
		}
		if endpoint == "" {
			d.byKind[kind] = rest
			continue
		}
		s, err := newServer(d.client, service, endpoint)
		if err != nil {
			return nil, fmt.Errorf("the %s endpoint %w", service.name, err)
		}
		switch kind {
		case S3:
			d.byKind[kind] = &s3{s}
		case CloudWatchLogs:
			d.byKind[kind] = &cloudWatchLogs{server: s, logger: logger}
		case Firehose:
			d.byKind[kind] = &firehose{s}
		}
	}
	return d, nil
}

// CheckEndpoint returns an error that begins with "must" unless the text can be the URL of a server with the API of
// a kind. It may have a path, and an access key and its secret as KEY:SECRET@.
func CheckEndpoint(kind Kind, text string) error {
	_, err := awsapi.ParseEndpoint(text, services[kind].api)
	return err
}

// Deliver delivers records by the kind of their destination.
func (d *deliverers) Deliver(ctx context.Context, delivery Delivery) (string, error) {
	deliverer, known := d.byKind[delivery.Place.Kind]
	switch {
	case !known:
		return "", failed(Other, "there is no destination of the kind %q: change the destination of the logging "+
			"configuration", delivery.Place.Kind)
	case len(delivery.Records) == 0: // the APIs refuse to store nothing
		return delivery.where(), nil
	}
	return deliverer.Deliver(ctx, delivery)
}

// Close closes idle connections.
func (d *deliverers) Close() { d.client.CloseIdleConnections() }

// memory delivers nothing. The records stay where the caller keeps them.
type memory struct{}

// Deliver says where the records would be.
func (memory) Deliver(_ context.Context, d Delivery) (string, error) {
	return "in memory only, for " + d.where(), nil
}

// Close does nothing.
func (memory) Close() {}
