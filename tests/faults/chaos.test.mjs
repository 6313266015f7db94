// Everything at once, in an order that the seed decides.
import { setTimeout as pause } from "node:timers/promises";

import { randomFrom } from "./ids.mjs";
import { given, scenario } from "./scenario.mjs";

const chaosMs = 15_000;

/** What may be done to a node that is well, and how it is undone. The first node is left alone. */
const faults = {
  kill: {
    begin: (stage, node) => stage.cluster.kill9(node),
    end: (stage, node) => stage.cluster.restart(node),
  },
  stop: {
    begin: (stage, node) => stage.cluster.stop(node),
    end: (stage, node) => stage.cluster.restart(node),
  },
  freeze: {
    begin: (stage, node) => stage.cluster.pause(node),
    end: (stage, node) => stage.cluster.resume(node),
  },
  cutStore: {
    cuts: true,
    begin: (stage, node) => stage.cluster.cutFromStore(node),
    end: (stage, node) => stage.cluster.heal(node),
  },
  cutPeers: {
    cuts: true,
    begin: (stage, node) => stage.cluster.cutFromPeers(node),
    end: (stage, node) => stage.cluster.heal(node),
  },
};

/** One after the other for one node: a fault, a time, its end, a time. */
async function torment(stage, node, random, end) {
  const possible = Object.entries(faults).filter(([, { cuts }]) => !cuts || stage.canCut);
  while (performance.now() < end) {
    await pause(random() * 3_000);
    const [name, fault] = possible[Math.floor(random() * possible.length)];
    console.log(`chaos: ${name} ${node.name}`);
    await fault.begin(stage, node);
    await pause(random() * 2 * stage.leaseMs);
    await fault.end(stage, node);
  }
}

scenario("everything at once", { nodes: 3 }, async (stage) => {
  const end = performance.now() + chaosMs * given.longer;
  // Numbers of its own for each, so that the seed decides whatever the timing.
  const randomOf = (who) => randomFrom(given.seed + 1_000 * who);
  const redis = async (random) => {
    while (performance.now() < end) {
      await pause(3_000 + random() * 5_000);
      console.log("chaos: restart of Redis");
      await stage.restartRedis(() => pause(random() * stage.leaseMs));
    }
  };
  const [, ...victims] = stage.nodes;
  await Promise.all([
    ...victims.map((node, at) => torment(stage, node, randomOf(at + 1), end)),
    redis(randomOf(0)),
  ]);
});
