// Runs the fault suite, one scenario after the other: each needs the machine for itself.
//
//   node run.mjs                     all scenarios once
//   node run.mjs --only chaos        files whose names hold this; may be given several times
//   node run.mjs --times 20          again and again, with another seed each time
//   node run.mjs --seed 7            the random choices of an earlier run
//   node run.mjs --longer 5          scenarios that can go on longer do so five times as long
//   node run.mjs --shards 1          instead of 16
//   node run.mjs --store sqlite      the scenarios of a single node alone
//   node run.mjs --without-cuts      where there can be no network namespaces
//   node run.mjs --break epoch       the server without its fence: the checker has to notice
//   node run.mjs --break rollback    a store that forgets a second of what it had acknowledged
import { readdirSync } from "node:fs";
import { run } from "node:test";
import { spec } from "node:test/reporters";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import { whyNoCuts } from "./network.mjs";

const { values } = parseArgs({
  options: {
    only: { type: "string", multiple: true, default: [] },
    times: { type: "string", default: "1" },
    seed: { type: "string" },
    longer: { type: "string", default: "1" },
    shards: { type: "string", default: "16" },
    store: { type: "string", default: "redis" },
    "without-cuts": { type: "boolean", default: false },
    break: { type: "string" },
  },
});

const folder = fileURLToPath(new URL(".", import.meta.url));
/** The scenario that shows each break. */
const breaks = { epoch: "pause", rollback: "sqlite" };
const only = values.break ? [breaks[values.break]] : values.only;
if (values.break && !only[0]) throw new Error(`--break knows ${Object.keys(breaks).join(", ")}`);
if (values.break === "rollback") values.store = "sqlite";

function isWanted(name) {
  if (!name.endsWith(".test.mjs")) return false;
  if (only.length > 0 && !only.some((part) => name.includes(part))) return false;
  if (values.break && name === "checker.test.mjs") return false;
  if (values.store === "sqlite") return /^(sqlite|checker)/.test(name);
  return !(values["without-cuts"] && name.startsWith("cut_"));
}

const files = readdirSync(folder).filter(isWanted).sort();
if (files.length === 0) throw new Error(`no scenarios are called ${only.join(" or ")}`);

const why = values.store === "redis" && !values["without-cuts"] ? whyNoCuts() : null;
if (why) {
  process.stderr.write(`error: ${why}. --without-cuts runs what needs none of them\n`);
  process.exit(1);
}

const firstSeed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
// Whether a write is under way just then is chance: a break gets more rounds to show itself.
process.env.HOLDFAST_FAULTS_LONGER = values.break ? String(3 * values.longer) : values.longer;
process.env.HOLDFAST_FAULTS_SHARDS = values.shards;
process.env.HOLDFAST_FAULTS_BREAK = values.break ?? "";
if (values.break === "epoch")
  process.env.HOLDFAST_BINARY ??= "build/release/tests/faults/holdfast_unfenced";
if (values["without-cuts"]) process.env.HOLDFAST_FAULTS_CUTS = "off";

// Told to stop, we tell the scenario that runs, and wait until it has cleaned up.
const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"])
  process.on(signal, () => {
    process.exitCode = 1;
    stop.abort();
  });

for (let time = 0; time < Number(values.times) && !process.exitCode; ++time) {
  process.env.HOLDFAST_FAULTS_SEED = String(firstSeed + time);
  console.log(`seed ${firstSeed + time}`);
  const tests = run({
    files: files.map((name) => folder + name),
    concurrency: 1,
    signal: stop.signal,
  });
  tests.on("test:fail", () => (process.exitCode = 1));
  const printed = tests.compose(new spec());
  for await (const text of printed) process.stdout.write(text);
}
