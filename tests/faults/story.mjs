// Everything that the evidence of a failed scenario says of one ticket, order, key or shard's fault:
//
//   node story.mjs ../../build/faults/<scenario>-<seed> <id>...
import { readFileSync } from "node:fs";
import { join } from "node:path";

const [folder, ...wanted] = process.argv.slice(2);
if (!folder || wanted.length === 0) throw new Error("usage: node story.mjs <folder> <id>...");

const lines = [];
const say = (time, text) => lines.push({ time, text });
const clock = (time) => new Date(time).toISOString().slice(11, 23);
const speaksOf = (text) => wanted.some((one) => text.includes(one));

for (const text of readFileSync(join(folder, "history.jsonl"), "utf8").split("\n")) {
  if (!text || !speaksOf(text)) continue;
  const one = JSON.parse(text);
  if (one.kind === "request") {
    const what = `${one.op} ask ${one.ask} ${one.who} ${one.method} ${one.path} at ${one.node}`;
    const sent = JSON.stringify({ ...one.sent, ...(one.key && { key: one.key }) });
    const told = `${one.status ?? `${one.outcome} ${one.error}`} ${one.code ?? ""}`;
    const body = one.body && `v${one.body.version} ${one.body.status}`;
    say(one.from, `asked    ${what} ${sent}`);
    say(one.to, `answered ${what}: ${told} ${body ?? ""} ${one.position ?? ""}`);
  } else if (one.kind === "seen")
    say(one.at, `seen     connection ${one.connection}: ${one.type} v${one.version} ${one.status}`);
}

const { feeds, faults } = JSON.parse(readFileSync(join(folder, "run.json"), "utf8"));
for (const { stream, sequence, time, type, entity, version, data } of Object.values(feeds)[0]) {
  if (!speaksOf(JSON.stringify(data))) continue;
  const more = `${data.status} ${data.orderId ?? ""} ${data.reason ?? ""} ${data.price ?? ""}`;
  say(time, `COMMIT   ${stream}-${sequence} ${type} ${entity} v${version} ${more}`);
}
for (const { kind, node, from, until } of faults) {
  say(from, `FAULT    ${kind} ${node ?? ""}`);
  if (until) say(until, `FAULT    ${kind} ${node ?? ""} is over`);
}

lines.sort((a, b) => a.time - b.time);
for (const { time, text } of lines) console.log(clock(time), text);
