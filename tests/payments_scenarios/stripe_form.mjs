// Stripe's way of writing parameters: form-encoded, with brackets for what is nested.

/** "a=1&b[c]=2&d[]=3" as an object; throws SyntaxError for what Stripe would not read. */
export function parseForm(text) {
  const params = {};
  for (const part of text.split("&").filter((one) => one !== "")) {
    const at = part.indexOf("=");
    if (at < 0) throw new SyntaxError(`no value: ${part}`);
    const [name, ...inner] = decoded(part.slice(0, at)).split("[");
    const path = [name, ...inner.map((one) => keyOf(one, part))];
    put(params, path, decoded(part.slice(at + 1)));
  }
  return params;
}

function decoded(text) {
  if (/[^\x21-\x7e]/.test(text)) throw new SyntaxError(`not encoded: ${text}`);
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    throw new SyntaxError(`badly encoded: ${text}`);
  }
}

function keyOf(text, part) {
  if (!text.endsWith("]")) throw new SyntaxError(`a bracket stays open: ${part}`);
  return text.slice(0, -1);
}

function put(params, path, value) {
  let place = params;
  path.forEach((step, depth) => {
    const key = step === "" ? String(Object.keys(place).length) : step;
    if (depth + 1 === path.length) {
      if (key in place) throw new SyntaxError(`given twice: ${path.join(".")}`);
      place[key] = value;
      return;
    }
    place[key] ??= {};
    if (typeof place[key] !== "object") throw new SyntaxError(`both value and object: ${key}`);
    place = place[key];
  });
}

/** The same text for the same parameters, whatever their order. */
export function canonical(value) {
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const keys = Object.keys(value).sort();
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join(",")}}`;
}
