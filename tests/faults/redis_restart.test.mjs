// Redis is killed and comes back with what its append-only file holds; all nodes go on living.
import { given, scenario } from "./scenario.mjs";

scenario("Redis is killed and comes back", { nodes: 3 }, async (stage) => {
  for (let round = 0; round < given.longer; ++round) {
    await stage.restartRedis();
    await stage.load(2_000);
    // Away for longer than all leases last.
    await stage.restartRedis(() => stage.load(stage.leaseMs + 500));
    await stage.load(2_000);
  }
});
