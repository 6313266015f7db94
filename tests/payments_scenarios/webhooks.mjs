// A stand-in's way of telling our server what happened: at once, twice, late, in another order, or
// not at all. How a delivery is signed is the provider's business (`sign`).
import { request } from "node:http";

import { until } from "./waiting.mjs";

const retryMs = 200;
const triesMax = 60;

export class Webhooks {
  /** off: nothing is sent. immediate: with the deed, again until it is taken. held: until `release`. */
  mode = "off";
  /** How often each event is sent. */
  copies = 1;
  /** Where our server takes them. */
  target = null;
  /** Every delivery that was answered: {event, status}. */
  deliveries = [];
  /** How many were sent, answered or not. */
  started = 0;
  #held = [];
  #underWay = new Set();
  #ended = false;

  /** sign(body text, {forged, age_seconds}) gives the header fields. */
  constructor(sign) {
    this.sign = sign;
  }

  /** Something has happened. */
  emit(event) {
    if (this.mode === "off") return;
    if (this.mode === "held") {
      this.#held.push(event);
      return;
    }
    for (let copy = 0; copy < this.copies; copy += 1) this.#deliverUntilTaken(event);
  }

  get held() {
    return [...this.#held];
  }

  /** Sends what was held, one after the other; gives the statuses. */
  async release({ reversed = false, times = 1 } = {}) {
    const events = this.#held.splice(0);
    if (reversed) events.reverse();
    const statuses = [];
    for (let round = 0; round < times; round += 1)
      for (const event of events) statuses.push(await this.send(event));
    return statuses;
  }

  /** One delivery, whatever the mode. The status, or 0 when nobody answered. */
  async send(event, { forged = false, ageSeconds = 0 } = {}) {
    const body = JSON.stringify(event, null, 2);
    const headers = await this.sign(body, { forged, ageSeconds });
    this.started += 1;
    const status = await post(this.target, body, headers);
    this.deliveries.push({ event, status });
    return status;
  }

  /** Resolves when nothing is under way any more. */
  async idle() {
    await until(() => this.#underWay.size === 0, "all webhooks are delivered");
  }

  end() {
    this.#ended = true;
  }

  #deliverUntilTaken(event) {
    const work = (async () => {
      for (let tries = 0; tries < triesMax && !this.#ended; tries += 1) {
        const status = await this.send(event);
        if (status === 200 || status === 400) return;
        await pause(retryMs);
      }
    })().finally(() => this.#underWay.delete(work));
    this.#underWay.add(work);
  }
}

/** Between two tries, as the providers make one. */
function pause(ms) {
  return new Promise((over) => setTimeout(over, ms).unref());
}

function post(target, body, headers) {
  return new Promise((answered) => {
    const call = request(target, {
      method: "POST",
      agent: false,
      timeout: 20_000,
      headers: {
        "content-type": "application/json; charset=utf-8",
        "content-length": Buffer.byteLength(body),
        ...headers,
      },
    });
    call.on("response", (response) => {
      response.resume();
      response.on("end", () => answered(response.statusCode));
      response.on("error", () => answered(0));
    });
    call.on("timeout", () => call.destroy());
    call.on("error", () => answered(0));
    call.end(body);
  });
}
