import { useRef, useState } from "preact/hooks";

import type { Order } from "../api/types";
import { failureText, fieldErrors } from "../api/words";
import { formatMoney } from "../money";
import {
  checkRefund,
  refundableMinor,
  refundUnderWay,
  type CheckedRefund,
  type RefundDraft,
} from "../state/refund_form";
import { announcer, api } from "../state/services";
import { ConfirmDialog } from "./confirm_dialog";
import { Alert } from "./failure_note";
import { Field, useFocusOnFault } from "./field";

const refundTimeoutMs = 45_000;
const emptyDraft: RefundDraft = { whole: true, amount: "", releaseTickets: false };
const noFaults = new Map<string, string>();

interface Props {
  order: Order;
  onOrder: (order: Order) => void;
  onChange: () => void;
}

/** For staff: money back to the buyer, all that remains or a part of it. */
export function RefundForm({ order, onOrder, onChange }: Props) {
  const [draft, setDraft] = useState(emptyDraft);
  const [faults, setFaults] = useState(noFaults);
  const [problem, setProblem] = useState<string | null>(null);
  const [asked, setAsked] = useState<(CheckedRefund & { ok: true }) | null>(null);
  const [busy, setBusy] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  useFocusOnFault(form, faults);
  const remaining = refundableMinor(order);
  if (refundUnderWay(order)) return <p>A refund is under way. Another can follow once it ended.</p>;
  if (remaining === 0) return <p>There is nothing to refund.</p>;
  const money = (minor: number) => formatMoney(minor, order.currency);

  const ask = () => {
    const checked = checkRefund(draft, remaining);
    setProblem(null);
    setFaults(checked.ok ? noFaults : new Map([["amount", checked.fault]]));
    setAsked(checked.ok ? checked : null);
  };
  const refund = async () => {
    if (asked === null || busy) return;
    setBusy(true);
    const path = `/api/orders/${order.id}/refunds`;
    const outcome = await api.post<Order>(path, asked.request, { timeoutMs: refundTimeoutMs });
    setBusy(false);
    setAsked(null);
    if (outcome.ok) {
      setDraft(emptyDraft);
      announcer.notify(`Refund of ${money(asked.minor)} is on its way.`);
      onOrder(outcome.value);
      return;
    }
    const named = fieldErrors(outcome.failure);
    setFaults(named);
    if (named.size === 0) setProblem(failureText(outcome.failure));
    onChange();
  };
  const change = (part: Partial<RefundDraft>) => setDraft({ ...draft, ...part });
  return (
    <form
      ref={form}
      class="stack"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        ask();
      }}
    >
      {problem !== null && (
        <Alert>
          <p>{problem}</p>
        </Alert>
      )}
      <RefundFields {...{ draft, faults, change }} order={order} whole={money(remaining)} />
      <div>
        <button type="submit" class="button button-danger">
          Refund…
        </button>
      </div>
      <ConfirmDialog
        open={asked !== null}
        title={`Refund ${money(asked?.minor ?? 0)}?`}
        confirmLabel={busy ? "Refunding…" : "Yes, refund it"}
        keepLabel="Don’t refund"
        busy={busy}
        onConfirm={() => void refund()}
        onClose={() => setAsked(null)}
      >
        <p>The money goes back the way it came. This can’t be undone.</p>
        {asked?.request.releaseTickets === true && (
          <p>The buyer loses the tickets: they go back on sale when the refund has succeeded.</p>
        )}
      </ConfirmDialog>
    </form>
  );
}

interface FieldsProps {
  order: Order;
  draft: RefundDraft;
  faults: Map<string, string>;
  whole: string;
  change: (part: Partial<RefundDraft>) => void;
}

function RefundFields({ order, draft, faults, whole, change }: FieldsProps) {
  const releaseFault = faults.get("releaseTickets");
  return (
    <>
      <fieldset class="choices">
        <legend>How much?</legend>
        <label class="choice">
          <input
            type="radio"
            name="refund-part"
            checked={draft.whole}
            onChange={() => change({ whole: true })}
          />
          <span class="choice-text">All that remains: {whole}</span>
        </label>
        <label class="choice">
          <input
            type="radio"
            name="refund-part"
            checked={!draft.whole}
            onChange={() => change({ whole: false, releaseTickets: false })}
          />
          <span class="choice-text">A part of it</span>
        </label>
      </fieldset>
      {(!draft.whole || faults.has("amount")) && (
        <Field
          name="amount"
          label="Amount"
          required
          inputMode="decimal"
          value={draft.amount}
          hint={`In ${order.currency.toUpperCase()}, at most ${whole}.`}
          fault={faults.get("amount")}
          onValue={(amount) => change({ amount })}
        />
      )}
      {draft.whole && order.status === "complete" && (
        <label class="check">
          <input
            type="checkbox"
            checked={draft.releaseTickets}
            aria-invalid={releaseFault !== undefined}
            onChange={(event) => change({ releaseTickets: event.currentTarget.checked })}
          />
          Put the tickets back on sale
        </label>
      )}
      {releaseFault !== undefined && <p class="fault">{releaseFault}</p>}
    </>
  );
}
