// What goes over the wire, in both directions and before Fedify has touched it: method, URL, headers and bodies. The proof
// reads it to see which signature was sent, and writes some of it to docs/wire/.
import { Buffer } from "node:buffer";

export const wire = [];
const fetchForReal = globalThis.fetch;

// Everything Fedify asks of others passes here.
globalThis.fetch = async function (input, init) {
  const request = new Request(input, init);
  const sent = request.body == null ? "" : Buffer.from(await request.clone().arrayBuffer()).toString("utf8");
  const entry = {
    direction: "out", method: request.method, url: request.url, headers: Object.fromEntries(request.headers), body: sent,
    status: 0, answer: "",
  };
  wire.push(entry);
  const response = await fetchForReal(request);
  entry.status = response.status;
  entry.answer = await response.clone().text();
  return response;
};

// Handler gives a request listener for node:http(s) that answers with what `respond` makes of the Request.
export function handler(origin, respond) {
  return async (incoming, outgoing) => {
    const chunks = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const entry = {
      direction: "in", method: incoming.method, url: new URL(incoming.url, origin).href, headers: { ...incoming.headers },
      body: body.toString("utf8"), status: 0, answer: "",
    };
    wire.push(entry);
    const request = new Request(entry.url, {
      method: incoming.method,
      headers: Object.entries(incoming.headers).flatMap(([k, v]) => [v].flat().map((value) => [k, value])),
      body: body.length > 0 ? body : undefined,
    });
    const response = await respond(request);
    entry.status = response.status;
    entry.answer = await response.text();
    outgoing.writeHead(response.status, Object.fromEntries(response.headers));
    outgoing.end(entry.answer);
  };
}
