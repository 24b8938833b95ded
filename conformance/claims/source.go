package claims

import "github.com/ivschat-local/ivschat-local/conformance"

// The sources of claims. What follows a colon is the place in the source.
const (
	serviceModel       = "service model 2020-07-14"
	apiReference       = "API Reference: "
	messagingReference = "Messaging API Reference: "
	userGuide          = "User Guide: "
	cliExamples        = "AWS CLI 1.45 examples"
	terraformTests     = "Terraform AWS provider's live tests"
	alchemyTests       = "Alchemy's live tests"
	recorded           = "recorded: "
	jsClient           = "amazon-ivs-chat-messaging 1.1.1"
	iosClient          = "AmazonIVSChatMessaging 1.0.1 for iOS"
	tagRules           = "Tagging AWS Resources: Tag naming limits and requirements"
	webDemo            = "amazon-ivs-ugc-platform-web-demo"
)

// Publications returns what the claims cite and where to find it.
func Publications() []conformance.Publication {
	return []conformance.Publication{
		{Name: serviceModel, URL: "https://github.com/boto/botocore/tree/develop/botocore/data/ivschat"},
		{Name: apiReference, URL: "https://docs.aws.amazon.com/ivs/latest/ChatAPIReference/Welcome.html"},
		{Name: messagingReference, URL: "https://docs.aws.amazon.com/ivs/latest/chatmsgapireference/welcome.html"},
		{Name: userGuide, URL: "https://docs.aws.amazon.com/ivs/latest/ChatUserGuide/what-is.html"},
		{Name: cliExamples, URL: "https://github.com/aws/aws-cli/tree/develop/awscli/examples/ivschat"},
		{
			Name: terraformTests,
			URL:  "https://github.com/hashicorp/terraform-provider-aws/tree/main/internal/service/ivschat",
		},
		{Name: alchemyTests, URL: "https://github.com/alchemy-run/alchemy"},
		{Name: jsClient, URL: "https://www.npmjs.com/package/amazon-ivs-chat-messaging"},
		{Name: iosClient, URL: "https://github.com/ileonix/Amazon-IVS-ChatMessaging-SPM"},
		{Name: webDemo, URL: "https://github.com/aws-samples/amazon-ivs-ugc-platform-web-demo"},
		{
			Name: tagRules,
			URL:  "https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html",
		},
		{Name: recorded, URL: "frames and replies of the real service that were published"},
	}
}
