// A node dies without a goodbye; the others take its shards over; it comes back.
import { given, scenario } from "./scenario.mjs";

scenario("nodes are killed", { nodes: 3 }, async (stage) => {
  for (let round = 0; round < 2 * given.longer; ++round) {
    const node = stage.anyNode();
    await stage.cluster.kill9(node);
    await stage.takeover(node);
    await stage.cluster.restart(node);
    await stage.load(500);
  }
});
