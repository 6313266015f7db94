interface Decline {
  why: string;
  /** What the buyer can do about it. */
  advice?: string;
}

const uncharged = "Nothing was charged";
const anotherWay = "You can try another card, or another way to pay, while your time runs.";
const refusedByBank: Decline = {
  why: "The card was declined by the bank that issued it",
  advice: "The bank doesn’t say why: ask it, or pay with another card while your time runs.",
};
const wrongNumber: Decline = {
  why: "The card number isn’t right",
  advice: "Check the number and pay again while your time runs.",
};
const unconfirmed: Decline = {
  why: "The payment wasn’t confirmed",
  advice: "Pay again and confirm it when you are asked to, or pay another way.",
};
const wrongCode: Decline = {
  why: "The card’s security code isn’t right",
  advice: "Check the three or four digits on the card and pay again while your time runs.",
};
const wrongDate: Decline = {
  why: "The card’s expiry date isn’t right",
  advice: "Check the date and pay again while your time runs.",
};
const passing: Decline = {
  why: "The card could not be processed",
  advice: "This often passes: pay again in a moment, or with another card.",
};
const lost: Decline = {
  why: "The payment details got lost on the way",
  advice: "Enter them again and pay while your time runs.",
};
const notHere: Decline = {
  why: "The card can’t be used for this purchase",
  advice: anotherWay,
};
const tooMuch: Decline = {
  why: "The card’s limit is reached",
  advice: "Pay with another card, or ask your bank to raise the limit.",
};

/**
 * Declines in words that a buyer can act on, by the providers' stable codes. A card that was
 * reported lost or stolen is declined like any other: whoever holds it isn't told.
 */
const declines: Record<string, Decline> = {
  card_declined: { why: "The card was declined", advice: anotherWay },
  generic_decline: refusedByBank,
  do_not_honor: refusedByBank,
  call_issuer: refusedByBank,
  transaction_not_allowed: refusedByBank,
  fraudulent: refusedByBank,
  lost_card: refusedByBank,
  stolen_card: refusedByBank,
  pickup_card: refusedByBank,
  insufficient_funds: {
    why: "The card was declined: there is not enough money on it",
    advice: "Pay with another card, or another way, while your time runs.",
  },
  card_velocity_exceeded: tooMuch,
  withdrawal_count_limit_exceeded: tooMuch,
  expired_card: {
    why: "The card was declined: it has expired",
    advice: "Pay with another card while your time runs.",
  },
  incorrect_cvc: wrongCode,
  invalid_cvc: wrongCode,
  incorrect_number: wrongNumber,
  invalid_number: wrongNumber,
  invalid_expiry_month: wrongDate,
  invalid_expiry_year: wrongDate,
  incorrect_zip: {
    why: "The postal code doesn’t match the card’s",
    advice: "Check the postal code and pay again while your time runs.",
  },
  card_not_supported: notHere,
  currency_not_supported: notHere,
  processing_error: passing,
  try_again_later: passing,
  reenter_transaction: passing,
  authentication_failed: unconfirmed,
  payment_intent_authentication_failure: unconfirmed,
  authentication_required: {
    why: "The bank wants you to confirm this payment",
    advice: "Pay again and confirm it when your bank asks you to.",
  },
  instrument_declined: {
    why: "PayPal could not take the money from the card or account that you chose there",
    advice: "Pay again and choose another one at PayPal, or pay another way.",
  },
  payer_action_required: unconfirmed,
  payer_cannot_pay: {
    why: "PayPal can’t make this payment from your account",
    advice: "Pay another way while your time runs.",
  },
  invalid_token: lost,
  amount_too_small: {
    why: "The amount is too small to be paid in this way",
    advice: "Pay another way while your time runs.",
  },
  token_missing: lost,
};

/** Why the money didn't move and what to do. Unknown codes: what the server says, if anything. */
export function declinedText(code: string | undefined, message?: string): string {
  const key = (code ?? "").toLowerCase();
  const known = Object.hasOwn(declines, key) ? declines[key] : undefined;
  const said = message?.replace(/[.\s]*$/, "") ?? "";
  if (known === undefined && said.includes(uncharged)) return `${said}.`;
  const why = known?.why ?? (said === "" ? "The payment was declined" : said);
  return `${why}. ${uncharged}. ${known?.advice ?? anotherWay}`;
}
