// The SDK reads AWS_ENDPOINT_URL_IVSCHAT, AWS_REGION and so on. IVSCHAT_MESSAGING_URL is where browsers connect, by
// default AWS. MODERATORS are user names, separated by commas.
import { IvschatClient } from "@aws-sdk/client-ivschat";

import { createBackend } from "./backend.mjs";

const chat = new IvschatClient();
const aws = `wss://edge.ivschat.${await chat.config.region()}.amazonaws.com`;
const moderators = (process.env.MODERATORS ?? "").split(",");
const server = createBackend(chat, process.env.IVSCHAT_MESSAGING_URL || aws, moderators);
server.listen(Number(process.env.PORT ?? 8080), "localhost", () => {
  console.log(`The back end listens at http://localhost:${server.address().port}`);
});
