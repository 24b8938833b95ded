// Package clients tests ivschat-local with third-party clients: the AWS CLI, boto3, the AWS SDK
// for JavaScript and the official chat client. It has only tests.
package clients
