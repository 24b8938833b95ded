// Package clients tests ivschat-local with third-party clients: the AWS CLI, boto3, the AWS SDK
// for JavaScript, the official chat client, and the HTTP clients and WebSockets of several
// languages, also behind nginx and Vite, and with servers that have APIs of AWS. It has only tests.
package clients
