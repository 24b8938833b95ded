/** The emulator that the variables are for. An Emulator is one. */
export interface EnvironmentOptions {
  /** The endpoint for AWS SDKs, such as http://127.0.0.1:4700. */
  endpoint: string;
  /** The endpoint for chat clients, such as ws://127.0.0.1:4700. */
  messagingUrl: string;
  credentials: { accessKeyId: string; secretAccessKey: string };
  region: string;
}

/**
 * Returns environment variables that point AWS SDKs and chat clients of another process to an emulator. NO_PROXY and
 * no_proxy have what they have in this process, and the host of the emulator.
 */
export function environment(options: EnvironmentOptions): Record<string, string> {
  const { endpoint, messagingUrl, credentials, region } = options;
  return {
    AWS_ENDPOINT_URL_IVSCHAT: endpoint,
    IVSCHAT_MESSAGING_URL: messagingUrl,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_SESSION_TOKEN: "", // that of other credentials does not belong to these
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    NO_PROXY: withoutProxy(endpoint, "NO_PROXY", "no_proxy"),
    no_proxy: withoutProxy(endpoint, "no_proxy", "NO_PROXY"),
  };
}

/** Returns the hosts in the first of the variables that is set, and that of the endpoint. */
function withoutProxy(endpoint: string, ...names: string[]): string {
  const hosts = names.map((name) => process.env[name]).find((value) => value) ?? "";
  const host = new URL(endpoint).hostname.replace(/^\[|\]$/g, "");
  if (hosts === "*" || hosts.split(",").includes(host)) {
    return hosts;
  }
  return hosts === "" ? host : `${hosts},${host}`;
}
