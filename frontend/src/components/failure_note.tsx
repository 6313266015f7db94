import type { ComponentChildren } from "preact";

import type { Failure } from "../api/client";
import { failureText, type Doing } from "../api/words";
import { Icon } from "./icons";

/** Something was refused or failed: said at once to everybody. */
export function Alert({ children }: { children: ComponentChildren }) {
  return (
    <div class="alert" role="alert">
      <Icon name="warning" />
      <div>{children}</div>
    </div>
  );
}

interface Props {
  failure: Failure;
  doing?: Doing;
  onRetry?: () => void;
}

export function FailureNote({ failure, doing = "reading", onRetry }: Props) {
  return (
    <Alert>
      <p>{failureText(failure, doing)}</p>
      {onRetry !== undefined && (
        <button type="button" class="button button-quiet" onClick={onRetry}>
          Try again
        </button>
      )}
    </Alert>
  );
}
