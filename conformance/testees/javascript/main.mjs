// The testee: one JSON object a line in, one out (conformance/protocol.md, version 1).

import { createInterface } from "node:readline";
import { Unsupported } from "./infrastructure.mjs";
import { operations } from "./operations.mjs";
import { Refusal } from "./refusal.mjs";

const PROTOCOL = 1;

function hello() {
  return {
    type: "hello",
    protocol: PROTOCOL,
    name: "javascript",
    language: "JavaScript",
    profiles: ["core", "privacy"],
    operations: Object.keys(operations),
  };
}

function answer({ id, operation, input }) {
  if (!Object.hasOwn(operations, operation)) return { id, unsupported: `no ${operation} here` };
  try {
    return { id, ok: operations[operation](input) };
  } catch (error) {
    if (error instanceof Refusal) return { id, error: error.code, detail: error.message };
    if (error instanceof Unsupported) return { id, unsupported: error.message };
    throw error; // a defect of this program: end with a message on standard error
  }
}

/** The message in a line; another line has no answer, and ends this program. */
function message_in(line) {
  try {
    const message = JSON.parse(line);
    if (["hello", "run", "stop"].includes(message?.type)) return message;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  process.stderr.write(`not a message of protocol ${PROTOCOL}: ${line.slice(0, 80)}\n`);
  process.exit(2);
}

for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  const message = message_in(line);
  if (message.type === "stop") break;
  const reply = message.type === "hello" ? hello() : answer(message);
  process.stdout.write(JSON.stringify(reply) + "\n");
}
process.exit(0);
