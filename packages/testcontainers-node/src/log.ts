import { getContainerRuntimeClient } from "testcontainers";

const LINES = 1000;

/** Returns what a container has logged so far. The method logs of Testcontainers waits for more. */
export async function readLog(id: string): Promise<string> {
  const { dockerode } = (await getContainerRuntimeClient()).container;
  const log = await dockerode.getContainer(id).logs({ stdout: true, stderr: true, tail: LINES });
  const parts: Buffer[] = [];
  for (let at = 0; at < log.length; at += 8 + parts.at(-1)!.length) {
    parts.push(log.subarray(at + 8, at + 8 + log.readUInt32BE(at + 4))); // after a header with the length
  }
  return Buffer.concat(parts).toString().trim();
}
