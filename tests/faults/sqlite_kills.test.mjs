// One node on SQLite, killed and brought back: the quickest run of the workload and the checker.
import { cp, rm } from "node:fs/promises";

import { given, scenario } from "./scenario.mjs";

scenario(
  "a single node is killed again and again",
  { nodes: 1, store: "sqlite" },
  async (stage) => {
    const [node] = stage.nodes;
    const files = { recursive: true, filter: (name) => !name.endsWith(".sock") };
    const copy = `${node.directory}-copy`;
    for (let round = 0; round < 3 * given.longer; ++round) {
      await stage.cluster.kill9(node);
      // With --break rollback the last life never was: what was acknowledged in it is lost.
      if (given.break === "rollback" && round === 0) await cp(node.directory, copy, files);
      if (given.break === "rollback" && round === 1) {
        await rm(node.directory, { recursive: true });
        await cp(copy, node.directory, files);
      }
      await stage.cluster.restart(node);
      await stage.load(1_500);
    }
  },
);
