// The official npm client behind JSON lines: one request per line on stdin, one answer per line on stdout.
// Requests: {id, op: "query" | "mutation" | "subscribe", path, args}; answers: {id, value} or {id, code, message};
// a subscription answers {id, value} again and again.
import readline from "node:readline";
import { ConvexClient, ConvexHttpClient } from "convex/browser";
import { makeFunctionReference } from "convex/server";
import { ConvexError } from "convex/values";
import { WebSocket } from "ws";

const [url, key, transport] = process.argv.slice(2);

function open() {
  if (transport === "http") {
    const client = new ConvexHttpClient(url, { logger: false });
    client.setAdminAuth(key);
    return client;
  }
  const client = new ConvexClient(url, { webSocketConstructor: WebSocket, logger: false });
  client.client.setAdminAuth(key);
  return client;
}

function answer(id, fields) {
  process.stdout.write(JSON.stringify({ id, ...fields }) + "\n");
}

function refuse(id, error) {
  const code = error instanceof ConvexError ? error.data.code : null;
  answer(id, { code, message: String(error.message) });
}

const client = open();
for await (const line of readline.createInterface({ input: process.stdin })) {
  const { id, op, path, args } = JSON.parse(line);
  const reference = makeFunctionReference(path);
  if (op === "subscribe") {
    client.onUpdate(reference, args, (value) => answer(id, { value }), (error) => refuse(id, error));
  } else {
    client[op](reference, args).then((value) => answer(id, { value }), (error) => refuse(id, error));
  }
}
process.exit(0);
