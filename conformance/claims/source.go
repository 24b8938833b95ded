package claims

import "github.com/ivschat-local/ivschat-local/conformance"

// The sources of claims: names of publications, or their beginnings. A claim cites one or more
// publications, with "; " between them. What follows a name is the place in the publication.
const (
	serviceModel       = "service model 2020-07-14"
	smithyModel        = "Smithy model of ivschat"
	apiReference       = "API Reference: "
	messagingReference = "Messaging API Reference: "
	userGuide          = "User Guide: "
	chatLoggingGuide   = userGuide + "Chat Logging"
	messageReviewGuide = userGuide + "Chat Message Review Handler"
	monitoringGuide    = userGuide + "Monitoring Amazon IVS Chat"
	cliExamples        = "AWS CLI 1.45 examples"
	cloudFormation     = "CloudFormation: AWS::IVSChat::LoggingConfiguration"
	restJSON           = "AWS restJson1 protocol"
	terraformTests     = "Terraform AWS provider's live tests"
	alchemyTests       = "Alchemy's live tests"
	alchemyProvider    = "Alchemy's provider"
	jsClient           = "amazon-ivs-chat-messaging 1.1.1"
	iosClient          = "AmazonIVSChatMessaging 1.0.1 for iOS"
	tagRules           = "Tagging AWS Resources: Tag naming limits and requirements"
	webDemo            = "amazon-ivs-ugc-platform-web-demo"
	chatDemo           = "amazon-ivs-chat-web-demo"
	chatDemoIssue      = "amazon-ivs-chat-web-demo issue 11"
	androidIssue       = "amazon-ivs-chat-for-android-demo issue 10"
	upjetIssue         = "provider-upjet-aws issue 497"
	addingChatPost     = "Sharp, Adding Chat to Your Amazon IVS Live Stream"
	chatLoggingPost    = "Sharp, Archiving Web Chat Messages with Amazon IVS Chat Logging"
	moderatingPost     = "Sharp, Manually Moderating Amazon IVS Chat Messages"
	lambdaPost         = "Sharp, Moderating Amazon IVS Chat Messages with an AWS Lambda Function"
	unityPost          = "Sharp, Live Streaming from Unity, Part 4"
	frames2022         = "frames of December 2022"
	replies2024        = "replies of February 2024"
	authorization      = "Service Authorization Reference: Amazon Interactive Video Service Chat"
	accessDenied       = "IAM User Guide: Troubleshoot access denied error messages"
	evaluation         = "IAM User Guide: Policy evaluation logic"
)

// Addresses that several publications have in common.
const (
	awsDocs = "https://docs.aws.amazon.com/"
	ivsDocs = awsDocs + "ivs/latest/"
	gitHub  = "https://github.com/"
	devTo   = "https://dev.to/aws/"
	rfc     = "https://www.rfc-editor.org/rfc/"
)

// publications has what the claims cite. The last two are files in public repositories whose addresses we do
// not know. A search for an ID in such a file finds it.
var publications = []conformance.Publication{
	{Name: serviceModel, URL: gitHub + "boto/botocore/tree/develop/botocore/data/ivschat/2020-07-14"},
	{Name: smithyModel, URL: gitHub + "aws/api-models-aws/tree/main/models/ivschat"},
	{Name: restJSON, URL: "https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html"},
	{Name: apiReference + "Common Errors", URL: ivsDocs + "ChatAPIReference/CommonErrors.html"},
	{Name: apiReference + "CreateChatToken", URL: ivsDocs + "ChatAPIReference/API_CreateChatToken.html"},
	{Name: apiReference + "SendEvent", URL: ivsDocs + "ChatAPIReference/API_SendEvent.html"},
	{Name: messagingReference + "Welcome", URL: ivsDocs + "chatmsgapireference/welcome.html"},
	{
		Name: messagingReference + "SendMessage",
		URL:  ivsDocs + "chatmsgapireference/actions-sendmessage-publish.html",
	},
	{
		Name: messagingReference + "DeleteMessage",
		URL:  ivsDocs + "chatmsgapireference/actions-deletemessage-publish.html",
	},
	{
		Name: messagingReference + "DisconnectUser",
		URL:  ivsDocs + "chatmsgapireference/actions-disconnectuser-publish.html",
	},
	{
		Name: messagingReference + "Message",
		URL:  ivsDocs + "chatmsgapireference/actions-message-subscribe.html",
	},
	{
		Name: messagingReference + "Event",
		URL:  ivsDocs + "chatmsgapireference/actions-event-subscribe.html",
	},
	{
		Name: messagingReference + "Error Messages",
		URL:  ivsDocs + "chatmsgapireference/error-messages.html",
	},
	{
		Name: userGuide + "Create a Chat Token",
		URL:  ivsDocs + "ChatUserGuide/getting-started-chat-auth.html",
	},
	{Name: chatLoggingGuide, URL: ivsDocs + "ChatUserGuide/chat-logging.html"},
	{
		Name: messageReviewGuide,
		URL:  ivsDocs + "ChatUserGuide/chat-message-review-handler.html",
	},
	{Name: monitoringGuide, URL: ivsDocs + "ChatUserGuide/chat-health.html"},
	{Name: userGuide + "Service Quotas", URL: ivsDocs + "ChatUserGuide/service-quotas.html"},
	{Name: userGuide + "Troubleshooting", URL: ivsDocs + "ChatUserGuide/troubleshooting-faqs.html"},
	{Name: authorization, URL: awsDocs + "service-authorization/latest/reference/list_ivschat.html"},
	{Name: accessDenied, URL: awsDocs + "IAM/latest/UserGuide/troubleshoot_access-denied.html"},
	{Name: evaluation, URL: awsDocs + "IAM/latest/UserGuide/reference_policies_evaluation-logic.html"},
	{Name: tagRules, URL: awsDocs + "tag-editor/latest/userguide/best-practices-and-strats.html"},
	{
		Name: cloudFormation,
		URL: awsDocs + "AWSCloudFormation/latest/TemplateReference/" +
			"aws-resource-ivschat-loggingconfiguration.html",
	},
	{Name: cliExamples, URL: gitHub + "aws/aws-cli/tree/develop/awscli/examples/ivschat"},
	{
		Name: terraformTests,
		URL:  gitHub + "hashicorp/terraform-provider-aws/tree/main/internal/service/ivschat",
	},
	{Name: alchemyProvider, URL: gitHub + "alchemy-run/alchemy/tree/main/packages/alchemy/src/AWS/IVSChat"},
	{Name: alchemyTests, URL: gitHub + "alchemy-run/alchemy/tree/main/packages/alchemy/test/AWS/IVSChat"},
	{Name: jsClient, URL: "https://www.npmjs.com/package/amazon-ivs-chat-messaging/v/1.1.1"},
	{Name: iosClient, URL: gitHub + "ileonix/Amazon-IVS-ChatMessaging-SPM"},
	{
		Name: webDemo,
		URL: gitHub + "aws-samples/amazon-ivs-ugc-platform-web-demo/blob/main/" +
			"web-ui/src/pages/Channel/Chat/useChatConnection/utils.js",
	},
	{
		Name: chatDemo,
		URL: gitHub + "aws-samples/amazon-ivs-chat-web-demo/blob/main/" +
			"web-ui/src/components/chat/Chat.jsx",
	},
	{Name: chatDemoIssue, URL: gitHub + "aws-samples/amazon-ivs-chat-web-demo/issues/11"},
	{Name: androidIssue, URL: gitHub + "aws-samples/amazon-ivs-chat-for-android-demo/issues/10"},
	{Name: upjetIssue, URL: gitHub + "crossplane-contrib/provider-upjet-aws/issues/497"},
	{Name: addingChatPost, URL: devTo + "adding-chat-to-your-amazon-ivs-live-stream-43i6"},
	{
		Name: chatLoggingPost,
		URL:  devTo + "archiving-web-chat-messages-with-amazon-ivs-chat-logging-3o4j",
	},
	{Name: moderatingPost, URL: devTo + "manually-moderating-amazon-ivs-chat-messages-5646"},
	{Name: lambdaPost, URL: devTo + "moderating-amazon-ivs-chat-messages-with-an-aws-lambda-function-4b7p"},
	{Name: unityPost, URL: devTo + "live-streaming-from-unity-integrated-chat-part-4-3000"},
	{Name: "RFC 6455", URL: rfc + "rfc6455"},
	{Name: "RFC 7230", URL: rfc + "rfc7230"},
	{Name: "WHATWG WebSockets", URL: "https://websockets.spec.whatwg.org/"},
	{Name: frames2022, URL: gitHub + "search?type=code&q=M2YcHkgffEvU"},
	{Name: replies2024, URL: gitHub + "search?type=code&q=1L20HzI5GcuZ"},
}

// Publications returns what the claims cite and where to find it.
func Publications() []conformance.Publication { return publications }
