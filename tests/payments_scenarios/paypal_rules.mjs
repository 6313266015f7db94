// What PayPal documents about its errors, amounts and request ids, as the stand-in holds us to it.

/** An answer that isn't the wanted one. Nothing of it is kept under a request id. */
export class PayPalError extends Error {
  constructor(status, name, issue, description, extra = {}) {
    super(`${name} ${issue ?? ""}`);
    this.status = status;
    this.body = {
      name,
      message: description,
      debug_id: "f0a1b2c3d4e5f",
      ...(issue && { details: [{ issue, description }] }),
      links: [],
      ...extra,
    };
  }
}

export function invalidRequest(issue, description) {
  return new PayPalError(400, "INVALID_REQUEST", issue, description);
}

export function unprocessable(issue, description, links) {
  return new PayPalError(422, "UNPROCESSABLE_ENTITY", issue, description, links && { links });
}

export function notFound() {
  return new PayPalError(
    404,
    "RESOURCE_NOT_FOUND",
    "INVALID_RESOURCE_ID",
    "Specified resource ID does not exist.",
  );
}

export const serverError = {
  status: 500,
  body: {
    name: "INTERNAL_SERVER_ERROR",
    message: "An internal server error has occurred.",
    debug_id: "f0a1b2c3d4e5f",
    links: [],
  },
};

/** {currency_code, value} in minor units; PayPal takes text with at most two decimals. */
export function minorOf(amount) {
  if (typeof amount !== "object" || amount === null)
    throw invalidRequest("MISSING_REQUIRED_PARAMETER", "amount is missing");
  if (!/^[A-Z]{3}$/.test(amount.currency_code ?? ""))
    throw invalidRequest("INVALID_STRING_LENGTH", "currency_code is a code of three capitals");
  if (typeof amount.value !== "string" || !/^\d{1,10}(\.\d{1,2})?$/.test(amount.value))
    throw unprocessable("DECIMAL_PRECISION", "value is text with at most two decimals");
  const [whole, part = ""] = amount.value.split(".");
  const minor = Number(whole) * 100 + Number(part.padEnd(2, "0"));
  if (minor <= 0) throw unprocessable("CANNOT_BE_ZERO_OR_NEGATIVE", "Must be greater than zero.");
  return minor;
}

export function money(currency, minor) {
  return { currency_code: currency, value: (minor / 100).toFixed(2) };
}

/** PayPal-Request-Id: the same id on the same path means the same deed, and shows its latest state. */
export class RequestIds {
  #kept = new Map();

  /** `execute` gives {status, body, show}: `show()` is the body as of now, for a repetition. */
  async answer(id, path, body, execute) {
    if (id === undefined) return execute();
    if (id === "" || id.length > 108)
      throw invalidRequest("INVALID_STRING_LENGTH", "PayPal-Request-Id has 1 to 108 characters");
    const name = `${path} ${id}`;
    const kept = this.#kept.get(name);
    if (kept !== undefined) return replay(kept, body);
    const entry = { body, answer: null };
    this.#kept.set(name, entry);
    try {
      entry.answer = await execute();
    } catch (error) {
      this.#kept.delete(name);
      throw error;
    }
    return entry.answer;
  }
}

function replay(kept, body) {
  if (kept.answer === null)
    throw new PayPalError(
      409,
      "RESOURCE_CONFLICT",
      "PREVIOUS_REQUEST_IN_PROGRESS",
      "A previous request on this resource is currently in progress.",
    );
  if (kept.body !== body)
    throw unprocessable(
      "DUPLICATE_REQUEST_ID",
      "The value of PayPal-Request-Id header has already been used.",
    );
  return { status: 200, body: kept.answer.show(), replayed: true };
}
