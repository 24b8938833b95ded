package conformance_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivschat"
	"github.com/aws/aws-sdk-go-v2/service/ivschat/types"

	"github.com/ivschat-local/ivschat-local/conformance"
)

// remoteChatLogs adds the chat logs of an ivschat-local in another process to a target. A target that has none that
// can be seen stays as it is.
func remoteChatLogs(t *testing.T, target conformance.Target) conformance.Target {
	t.Helper()
	api, ok := adminAPIOf(t, target.Endpoint, "/chat-logs")
	if !ok {
		return target
	}
	target.ChatLogs, target.Delivers = api, true
	trial := conformance.Check(t.Context(), target, conformance.Claim{Check: deliverOnce})
	target.Delivers = trial.Outcome == conformance.Held
	if !target.Delivers {
		t.Logf("chat logs are not delivered: %s", trial.Detail)
	}
	return target
}

// deliverOnce requires that every kind of destination of chat logs accepts what it receives.
func deliverOnce(p *conformance.Probe) {
	p.StopClock()
	var configurations []string
	for _, destination := range []types.DestinationConfiguration{
		conformance.Bucket("chat-logs"), conformance.LogGroup("/ivs/chat"), conformance.DeliveryStream("chat_stream"),
	} {
		input := ivschat.CreateLoggingConfigurationInput{DestinationConfiguration: destination}
		configurations = append(configurations, *p.CreateLogging(input).Arn)
	}
	room := p.CreateRoom(ivschat.CreateRoomInput{LoggingConfigurationIdentifiers: configurations}).Arn
	input := ivschat.SendEventInput{RoomIdentifier: room, EventName: aws.String("conformance:trial")}
	conformance.Call(p, p.SDK.SendEvent, input)
	p.FlushLogs()
	for _, configuration := range configurations {
		p.Require(len(p.LogDeliveries(configuration)) > 0, "nothing was delivered")
	}
}

// Records implements conformance.ChatLogs.
func (api adminAPI) Records(
	ctx context.Context, room string, n int, timeout time.Duration,
) (records []conformance.LogRecord, err error) {
	path := "/chat-logs/records?after=0&room=" + url.QueryEscape(room)
	if n > 0 { // otherwise there is nothing to wait for
		wait := fmt.Sprintf("&count=%d&timeout=%v", n, timeout)
		if err := api.call(ctx, http.MethodGet, path+wait, "", nil); err != nil {
			return nil, err
		}
	}
	var list struct {
		Items []struct {
			Log struct {
				LoggingConfiguration, Destination string
				Record                            json.RawMessage
			}
		}
	}
	err = api.call(ctx, http.MethodGet, path+"&count=0", "", &list)
	for _, item := range list.Items {
		log := item.Log
		records = append(records, conformance.LogRecord{
			Configuration: log.LoggingConfiguration, Destination: log.Destination, Text: string(log.Record),
		})
	}
	return records, err
}

// Deliveries implements conformance.ChatLogs.
func (api adminAPI) Deliveries(
	ctx context.Context, configuration string,
) (deliveries []conformance.LogDelivery, err error) {
	var list struct {
		Items []struct {
			Time time.Time
			Log  struct {
				LoggingConfiguration, Destination, Where string
				Records                                  int
			}
		}
	}
	path := "/journal?kind=delivery&after=0&count=0&account=" + accountOf(configuration)
	err = api.call(ctx, http.MethodGet, path, "", &list)
	for _, item := range list.Items {
		if log := item.Log; log.LoggingConfiguration == configuration {
			deliveries = append(deliveries, conformance.LogDelivery{
				Time: item.Time, Destination: log.Destination, Records: log.Records, Where: log.Where,
			})
		}
	}
	return deliveries, err
}

// Counts implements conformance.ChatLogs.
func (api adminAPI) Counts(ctx context.Context, configuration string) (all []conformance.LogCounts, err error) {
	var list struct {
		Items []struct {
			Name string
			conformance.LogCount
			Rooms []struct {
				Room string
				conformance.LogCount
			}
		}
	}
	err = api.call(ctx, http.MethodGet, "/chat-logs?loggingConfiguration="+url.QueryEscape(configuration), "", &list)
	for _, item := range list.Items {
		counts := conformance.LogCounts{
			Destination: item.Name, LogCount: item.LogCount, Rooms: map[string]conformance.LogCount{},
		}
		for _, room := range item.Rooms {
			counts.Rooms[room.Room] = room.LogCount
		}
		all = append(all, counts)
	}
	return all, err
}

// logMetrics are the names of the metrics in the order of conformance.LogErrors.
var logMetrics = [...]string{
	"ivschat_log_destination_access_denied_errors_total", "ivschat_log_destination_resource_not_found_errors_total",
	"ivschat_log_destination_errors_total",
}

// LogErrors implements conformance.ChatLogs.
func (api adminAPI) LogErrors(ctx context.Context, configuration string) (conformance.LogErrors, error) {
	var metrics plainText
	err := api.call(ctx, http.MethodGet, "/metrics", "", &metrics)
	var sums [len(logMetrics)]int
	for line := range strings.Lines(string(metrics)) {
		// If there are too many logging configurations, the label of the others is "other".
		if strings.Contains(line, `_errors_total{logging_configuration="other"}`) {
			return conformance.LogErrors{},
				errors.New("the emulator counts the errors of no more logging configurations: restart it")
		}
		for i, metric := range logMetrics {
			_, _ = fmt.Sscanf(line, fmt.Sprintf("%s{logging_configuration=%q} %%d", metric, configuration), &sums[i])
		}
	}
	return conformance.LogErrors{AccessDenied: sums[0], NotFound: sums[1], All: sums[2]}, err
}

// Flush implements conformance.ChatLogs.
func (api adminAPI) Flush(ctx context.Context, account string) error {
	return api.call(ctx, http.MethodPost, "/chat-logs/flush?account="+account, "", nil)
}

// StopClock implements conformance.ChatLogs.
func (api adminAPI) StopClock(ctx context.Context, account string) (time.Time, error) {
	var clock struct{ Now time.Time }
	err := api.call(ctx, http.MethodPost, "/clock?account="+account, `{"freeze":true}`, &clock)
	return clock.Now, err
}

// MoveClock implements conformance.ChatLogs.
func (api adminAPI) MoveClock(ctx context.Context, account string, to time.Time) error {
	body := `{"to":"` + to.Format(time.RFC3339Nano) + `"}`
	return api.call(ctx, http.MethodPost, "/clock?account="+account, body, nil)
}

// Reset implements conformance.ChatLogs.
func (api adminAPI) Reset(ctx context.Context, account string) error {
	return api.call(ctx, http.MethodPost, "/reset?account="+account, "", nil)
}
