// Stands in for Stripe's script on a page: one field, a token, and a bank's question that waits
// until the test answers it.
window.Stripe = function (publishableKey) {
  const calls = [];
  window.stripe = { publishableKey, calls };
  const element = (listeners) => ({
    on: (event, listener) => (listeners[event] = listener),
    mount(place) {
      const field = document.createElement("input");
      field.setAttribute("aria-label", "Card number");
      place.append(field);
      queueMicrotask(() => listeners.ready({}));
    },
    destroy: () => calls.push(["destroy"]),
  });
  return {
    elements(options) {
      calls.push(["elements", options]);
      return { create: () => element({}), submit: async () => ({}) };
    },
    async createConfirmationToken({ params }) {
      calls.push(["token", params]);
      return { confirmationToken: { id: "ctoken_1" } };
    },
    handleNextAction(options) {
      calls.push(["question", options]);
      return new Promise((answered) => {
        window.stripe.answerQuestion = () => answered({});
      });
    },
  };
};
