// A node loses its links to the others, not the one to Redis: it has to say that it isn't ready, and
// what it owns has to be served by somebody who can be reached.
import { given, scenario } from "./scenario.mjs";

scenario("a node is cut off from its peers", { nodes: 3 }, async (stage) => {
  for (let round = 0; round < given.longer; ++round) {
    const node = stage.anyNode();
    stage.cluster.cutFromPeers(node);
    await stage.untilNotReady(node);
    await stage.takeover(node);
    stage.cluster.heal(node);
    await stage.load(2_000);
  }
});
