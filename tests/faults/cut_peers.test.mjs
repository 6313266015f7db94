// A node loses its links to the others, not the one to Redis: what it owns has to be served again,
// by it or by somebody who can be reached.
import { given, scenario } from "./scenario.mjs";

/** A silent cut is noticed by what doesn't come any more. */
const noticedMs = 6_000;

scenario("a node is cut off from its peers", { nodes: 3 }, async (stage) => {
  for (let round = 0; round < given.longer; ++round) {
    const node = stage.anyNode();
    stage.cluster.cutFromPeers(node);
    await stage.load(noticedMs + stage.leaseMs);
    stage.cluster.heal(node);
    await stage.load(2_000);
  }
});
