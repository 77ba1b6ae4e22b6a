// A Node server of models that models nothing: node:http, WHATWG URLs and JSON.parse as they come.
// It says on standard output what it took each request for; lines of standard input are written back.
"use strict";
const http = require("node:http");
const readline = require("node:readline");

const OPERATIONS = {
  "/v1/chat/completions": "chat",
  "/v1/completions": "completions",
  "/v1/responses": "responses",
  "/v1/embeddings": "embeddings",
  "/v1/messages": "messages",
  "/v1/messages/count_tokens": "count_tokens",
};
// Calls whose answers have no length to bound and no stream.
const WHOLE = new Set(["embeddings", "count_tokens"]);
const KEYS = new Set(["sk-alpha-0001", "sk-beta-0002", "sk-gamma-0003"]);

const say = (value) => process.stdout.write(JSON.stringify(value) + "\n");

function texts(content) {
  if (typeof content === "string") return [content];
  if (!Array.isArray(content)) return [];
  return content.flatMap((part) => {
    if (typeof part === "string") return [part];
    return part && typeof part.text === "string" ? [part.text] : [];
  });
}

function turns(list) {
  if (!Array.isArray(list)) return [];
  return list.flatMap((turn) => (turn ? texts(turn.content) : []));
}

function said(operation, asked) {
  if (operation === "completions") return texts(asked.prompt);
  if (operation === "embeddings") return texts(asked.input);
  if (operation === "responses") {
    const input = typeof asked.input === "string" ? [asked.input] : turns(asked.input);
    return [...texts(asked.instructions), ...input];
  }
  return [...(operation === "chat" ? [] : texts(asked.system)), ...turns(asked.messages)];
}

// Returns null for no key, undefined for one that is unknown.
function key(headers) {
  for (const name of ["authorization", "x-api-key", "api-key"]) {
    const value = (headers[name] || "").trim();
    if (value) {
      const found = value.replace(/^(?:(?:bearer|token|basic)[ \t]+)+/i, "");
      return KEYS.has(found) ? found : undefined;
    }
  }
  return null;
}

function limit(operation, asked) {
  if (WHOLE.has(operation)) return null;
  let value = operation === "responses" ? asked.max_output_tokens : asked.max_tokens;
  if (operation === "chat" && asked.max_completion_tokens != null) value = asked.max_completion_tokens;
  return Number.isInteger(value) ? value : null;
}

function take(request, body) {
  let asked, path;
  try {
    path = new URL(request.url, "http://localhost").pathname;
    asked = JSON.parse(body.toString("utf8"));
  } catch {
    return null;
  }
  const operation = OPERATIONS[path];
  if (request.method !== "POST" || !operation || !asked || typeof asked.model !== "string") return null;
  const found = said(operation, asked).filter((text) => text);
  const who = key(request.headers);
  if (!found.length || who === undefined) return null;
  return {
    operation,
    key: who,
    plan: (request.headers["x-plan"] || "").split(",")[0].trim() || null,
    model: asked.model,
    texts: found,
    max_tokens: limit(operation, asked),
    stream: asked.stream === true && !WHOLE.has(operation),
  };
}

const server = http.createServer((request, response) => {
  const pieces = [];
  request.on("data", (piece) => pieces.push(piece));
  request.on("error", () => {});
  request.on("end", () => {
    const body = Buffer.concat(pieces);
    const headers = [];
    for (let at = 0; at < request.rawHeaders.length; at += 2) {
      headers.push([request.rawHeaders[at], request.rawHeaders[at + 1]]);
    }
    const call = take(request, body);
    const line = { event: "request", method: request.method, target: request.url, headers };
    say({ ...line, body: body.toString("base64"), call });
    response.writeHead(call ? 200 : 404, { "x-upstream": "1", "content-length": 3 });
    response.end("ok\n");
  });
});

readline
  .createInterface({ input: process.stdin })
  .on("line", (text) => say({ event: "echo", text }))
  .on("close", () => process.exit(0));
server.listen(0, "127.0.0.1", () => say({ event: "listening", port: server.address().port }));
