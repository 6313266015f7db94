import { describe, expect, it } from "vitest";

import { formatMoney, majorFromMinor, minorFromMajor, parsePrice, plainPrice } from "../src/money";

describe("money", () => {
  it("reads what people type as integer minor units", () => {
    const typed = { "19.99": 1999, "19,99": 1999, "20": 2000, "0.5": 50, " 1 200,00 ": 120000 };
    for (const [text, minor] of Object.entries(typed)) {
      expect(parsePrice(text), text).toEqual({ ok: true, minor });
    }
  });

  it("refuses by reason what isn't a price", () => {
    const reasons = {
      "": "empty",
      "  ": "empty",
      abc: "format",
      "-1": "format",
      "1e3": "format",
      "1.": "format",
      "0": "zero",
      "0.00": "zero",
      "1,200": "decimals",
      "1.999": "decimals",
      "1000000": "large",
      "999999999999": "large",
    };
    for (const [text, reason] of Object.entries(reasons)) {
      expect(parsePrice(text), text).toEqual({ ok: false, reason });
    }
  });

  it("takes the highest price and says every price exactly over the wire", () => {
    expect(parsePrice("999,999.99").ok).toBe(false);
    expect(parsePrice("999999.99")).toEqual({ ok: true, minor: 99_999_999 });
    for (let minor = 1; minor < 99_999_999; minor += 7_919) {
      const wire = JSON.stringify(majorFromMinor(minor));
      expect(wire).toMatch(/^\d+(\.\d{1,2})?$/);
      expect(minorFromMajor(JSON.parse(wire) as number)).toBe(minor);
    }
  });

  it("writes amounts for reading and for fields", () => {
    expect(formatMoney(1999, "usd", "en-US")).toBe("$19.99");
    expect(formatMoney(99_999_999, "usd", "en-US")).toBe("$999,999.99");
    expect(formatMoney(5, "nonsense", "en-US")).toBe("0.05 NONSENSE");
    expect(plainPrice(5)).toBe("0.05");
    expect(plainPrice(120000)).toBe("1200.00");
  });
});
