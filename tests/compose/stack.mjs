// docker-compose.yml under a project name, port and network of its own, so that it disturbs no
// other; `end` removes all that it started.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));

const running = new Set();

/** Ends the programs that run at present: for a test that is told to stop. */
export function stopAll() {
  for (const child of running) child.kill("SIGINT");
}

/** Runs a program to its end: what it wrote to standard output. Fails with all it wrote. */
export async function run(command, words, { environment = {}, limitMs = 60_000, input } = {}) {
  const child = spawn(command, words, {
    cwd: root,
    env: { ...process.env, ...environment },
    stdio: [input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
    timeout: limitMs,
  });
  running.add(child);
  let output = "";
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (text) => (output += text));
  child.stderr.setEncoding("utf8").on("data", (text) => (said += text));
  if (input !== undefined) child.stdin.end(input);
  const [code, signal] = await once(child, "close");
  running.delete(child);
  if (code !== 0)
    throw new Error(`${command} ${words.join(" ")}: ${signal ?? code}\n${output}${said}`);
  return output;
}

async function freePort() {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address();
  probe.close();
  await once(probe, "close");
  return port;
}

export class Stack {
  #environment;
  #files;
  #ended = null;

  static async make({ single, image }) {
    const stack = new Stack();
    const port = await freePort();
    stack.url = `http://127.0.0.1:${port}`;
    stack.buildsImage = image === "";
    stack.#files = ["-f", "docker-compose.yml"];
    if (single) stack.#files.push("-f", "tests/compose/single.yml");
    stack.#environment = {
      COMPOSE_PROJECT_NAME: `holdfast-test-${process.pid}`,
      HOLDFAST_ENTRY: `127.0.0.1:${port}`,
      HOLDFAST_SUBNET: `172.29.${64 + (process.pid % 64)}.0/24`,
      HOLDFAST_ADMIN_EMAILS: "admin@example.com",
      HOLDFAST_RATE_LIMITS: "off",
      ...(image && { HOLDFAST_IMAGE: image }),
    };
    return stack;
  }

  compose(words, options = {}) {
    const [command, ...first] = process.env.HOLDFAST_TEST_COMPOSE.split(" ");
    return run(command, [...first, ...this.#files, ...words], {
      environment: this.#environment,
      limitMs: 120_000,
      ...options,
    });
  }

  /** Compiling takes its time. */
  build() {
    return this.compose(["build", "node"], { limitMs: 3_600_000 });
  }

  /** As many nodes as this, from however many there are. */
  scale(count) {
    return this.compose(["up", "--detach", "--no-build", "--scale", `node=${count}`, "--no-recreate"]);
  }

  /** The running containers of nodes, {id, name, health}, in the order of their names. */
  async nodes() {
    const ids = (await this.compose(["ps", "-q", "node"])).split("\n").filter(Boolean);
    if (ids.length === 0) return [];
    const found = JSON.parse(await run("docker", ["inspect", ...ids]));
    return found
      .filter((one) => one.State.Running)
      .map((one) => ({
        id: one.Id,
        name: one.Name.slice(1),
        number: Number(one.Config.Labels["com.docker.compose.container-number"]),
        health: one.State.Health?.Status,
      }))
      .sort((one, other) => one.number - other.number);
  }

  kill(node) {
    return run("docker", ["kill", "--signal", "KILL", node.id]);
  }

  /** Makes the admin's account on the given node. */
  makeAdmin(node, password) {
    const words = ["exec", "--interactive", node.id, "holdfast", "admin", "create"];
    return run("docker", [...words, "admin@example.com"], { input: `${password}\n` });
  }

  logs() {
    return this.compose(["logs", "--no-color", "--tail", "60"]);
  }

  end() {
    return (this.#ended ??= this.compose(["down", "--volumes", "--remove-orphans", "--timeout", "20"]));
  }
}
