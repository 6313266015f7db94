import { useEffect, useRef, useState } from "preact/hooks";

import { failureCode, type Failure } from "../api/client";
import { failureText, fieldErrors } from "../api/words";
import { Alert } from "../components/failure_note";
import { Field, useFocusOnFault } from "../components/field";
import { Page } from "../components/page";
import { useObservable } from "../lib/use_observable";
import { router, session } from "../state/services";
import { safeNext } from "../router";

const texts = {
  signin: {
    title: "Sign in",
    lead: "Welcome back.",
    button: "Sign in",
    busy: "Signing in…",
    otherText: "New here?",
    otherLink: "Create an account",
    otherPath: "/signup",
  },
  signup: {
    title: "Create your account",
    lead: "To sell tickets, and to reserve and buy them.",
    button: "Sign up",
    busy: "Creating your account…",
    otherText: "You have an account?",
    otherLink: "Sign in",
    otherPath: "/signin",
  },
};

const passwordLengthMin = 8;

function check(mode: "signin" | "signup", email: string, password: string): Map<string, string> {
  const faults = new Map<string, string>();
  if (!/^\S+@\S+$/.test(email.trim())) {
    faults.set("email", "Enter your e-mail address, such as name@example.com.");
  }
  if (password === "") faults.set("password", "Enter your password.");
  else if (mode === "signup" && Array.from(password).length < passwordLengthMin) {
    faults.set("password", `Use at least ${passwordLengthMin} characters.`);
  }
  return faults;
}

export function AccountPage({ mode }: { mode: "signin" | "signup" }) {
  const { search } = useObservable(router.place);
  const user = useObservable(session.user);
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [shown, setShown] = useState(false);
  const [faults, setFaults] = useState(new Map<string, string>());
  const [failure, setFailure] = useState<Failure | null>(null);
  const [busy, setBusy] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  useFocusOnFault(form, faults);
  const text = texts[mode];
  const next = safeNext(search);

  const signedIn = user !== null && user !== undefined;
  useEffect(() => {
    if (signedIn) router.go(next, { replace: true });
  }, [signedIn, next]);

  const submit = async () => {
    if (busy) return;
    const found = check(mode, email, password);
    setFaults(found);
    setFailure(null);
    if (found.size > 0) return;
    setBusy(true);
    const refused =
      mode === "signup"
        ? await session.signUp(email.trim(), password)
        : await session.signIn(email.trim(), password);
    setBusy(false);
    if (refused === null) return;
    const byField = fieldErrors(refused);
    setFaults(byField);
    if (byField.size === 0) setFailure(refused);
  };

  return (
    <Page title={text.title} lead={text.lead} narrow>
      <form
        ref={form}
        class="panel stack"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        {failure !== null && (
          <Alert>
            <p>{failureText(failure)}</p>
            {failureCode(failure) === "email_in_use" && (
              <p>
                <a href={`/signin${search}`}>Go to sign-in</a>
              </p>
            )}
          </Alert>
        )}
        <Field
          name="email"
          label="E-mail"
          type="email"
          autocomplete={mode === "signup" ? "email" : "username"}
          inputMode="email"
          required
          value={email}
          onValue={setEmail}
          fault={faults.get("email")}
        />
        <Field
          name="password"
          label="Password"
          type={shown ? "text" : "password"}
          autocomplete={mode === "signup" ? "new-password" : "current-password"}
          required
          value={password}
          onValue={setPassword}
          {...(mode === "signup"
            ? { hint: "At least 8 characters. A short sentence is good." }
            : {})}
          fault={faults.get("password")}
        />
        <label class="check">
          <input
            type="checkbox"
            checked={shown}
            onChange={(event) => setShown(event.currentTarget.checked)}
          />
          Show password
        </label>
        <button class="button button-wide" type="submit" aria-disabled={busy}>
          {busy ? text.busy : text.button}
        </button>
        <p class="aside">
          {text.otherText} <a href={`${text.otherPath}${search}`}>{text.otherLink}</a>
        </p>
      </form>
    </Page>
  );
}
