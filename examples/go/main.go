// The example is the back end of a support chat. It decides who may join, and moderates. Messages do not pass through
// it: browsers connect to Amazon IVS Chat with the chat token that it gives them.
//
// A real back end knows its users. This one believes what a request says.
package main

import (
	"cmp"
	"context"
	"log"
	"net"
	"net/http"
	"os"
	"strings"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/ivschat"
)

func main() {
	backend, err := configure(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	listener, err := net.Listen("tcp", cmp.Or(os.Getenv("LISTEN"), "localhost:8080"))
	if err != nil {
		log.Fatal(err)
	}
	log.Printf("The back end listens at http://%s", listener.Addr())
	log.Fatal(http.Serve(listener, backend))
}

// configure makes the back end as the environment says. The SDK reads AWS_ENDPOINT_URL_IVSCHAT, AWS_REGION and so on.
// IVSCHAT_MESSAGING_URL is where browsers connect, by default AWS. MODERATORS are user names, separated by commas.
func configure(ctx context.Context) (http.Handler, error) {
	settings, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return nil, err
	}
	messagingURL := cmp.Or(os.Getenv("IVSCHAT_MESSAGING_URL"), "wss://edge.ivschat."+settings.Region+".amazonaws.com")
	moderators := strings.Split(os.Getenv("MODERATORS"), ",")
	return newBackend(ivschat.NewFromConfig(settings), messagingURL, moderators...), nil
}
