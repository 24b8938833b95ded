// Lines to copy into a terminal or a program. Everything here is a pure function, except that the addresses
// are those at which the console was opened.

import { endpoint } from "./api.js";

// quote returns a text as one word for a POSIX shell.
export const quote = (text) => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`);

// environment returns the credentials of an account as the beginning of a command.
export const environment = ({ account }) => `AWS_ACCESS_KEY_ID=${account} AWS_SECRET_ACCESS_KEY=local`;

// cli returns a command of the AWS CLI that calls an operation with an input.
export function cli(operation, input, owner) {
  const command = operation.replace(/(?<=[a-z])(?=[A-Z])/g, "-").toLowerCase();
  const flags = `--endpoint-url ${endpoint} --region ${owner.region}`;
  return `${environment(owner)} aws ${flags} ivschat ${command} --cli-input-json ${quote(JSON.stringify(input))}`;
}

// firstSteps returns lines that create a room, for each language.
export function firstSteps(info) {
  const { account, region } = info;
  return [
    { name: "AWS CLI", text: `${environment(info)} aws --endpoint-url ${endpoint} --region ${region} ivschat create-room --name hello` },
    {
      name: "JavaScript",
      text: `import { IvschatClient, CreateRoomCommand } from "@aws-sdk/client-ivschat";

const chat = new IvschatClient({
  endpoint: "${endpoint}",
  region: "${region}",
  credentials: { accessKeyId: "${account}", secretAccessKey: "local" },
});
const room = await chat.send(new CreateRoomCommand({ name: "hello" }));`,
    },
    {
      name: "Go",
      text: `chat := ivschat.New(ivschat.Options{
	BaseEndpoint: aws.String("${endpoint}"),
	Region:       "${region}",
	Credentials:  credentials.NewStaticCredentialsProvider("${account}", "local", ""),
})
room, err := chat.CreateRoom(ctx, &ivschat.CreateRoomInput{Name: aws.String("hello")})`,
    },
    {
      name: "Python",
      text: `import boto3

chat = boto3.client("ivschat", endpoint_url="${endpoint}", region_name="${region}",
                    aws_access_key_id="${account}", aws_secret_access_key="local")
room = chat.create_room(name="hello")`,
    },
    { name: "Terminal", text: `ivschat-local room create hello\nivschat-local chat hello --as anna` },
  ];
}
