import { ApiClient } from "../src/api/client";
import { SeenPosition } from "../src/api/position";
import { ServerClock } from "../src/time/server_clock";

interface Request {
  method: string;
  path: string;
  body: unknown;
}

/** A client whose requests are answered one after the other with a status, a body and a link. */
export function clientOf(...answers: [status: number, body: unknown, link?: string][]) {
  const requests: Request[] = [];
  const api = new ApiClient({
    clock: new ServerClock(),
    position: new SeenPosition(),
    onSignedOut: () => undefined,
    wait: () => Promise.resolve(),
    fetch: (path, init = {}) => {
      const body: unknown = typeof init.body === "string" ? JSON.parse(init.body) : undefined;
      requests.push({ method: init.method ?? "GET", path: path as string, body });
      const answer = answers.shift();
      if (answer === undefined) return Promise.reject(new Error("no more answers"));
      const headers: Record<string, string> =
        answer[2] === undefined ? {} : { Link: `<${answer[2]}>; rel="next"` };
      return Promise.resolve(
        new Response(JSON.stringify(answer[1]), { status: answer[0], headers }),
      );
    },
  });
  return { api, requests };
}
