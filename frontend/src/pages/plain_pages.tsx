import type { ComponentChildren } from "preact";

import type { Failure } from "../api/client";
import { FailureNote } from "../components/failure_note";
import { Page } from "../components/page";

export function NotFoundPage() {
  return (
    <Page title="Page not found" lead="There is nothing at this address." narrow>
      <p>
        <a class="button" href="/">
          See all tickets
        </a>
      </p>
    </Page>
  );
}

interface GoneProps {
  title: string;
  children: ComponentChildren;
}

export function GonePage({ title, children }: GoneProps) {
  return (
    <Page title={title} narrow>
      <div class="stack">
        {children}
        <p>
          <a class="button" href="/">
            See all tickets
          </a>
        </p>
      </div>
    </Page>
  );
}

export function LoadingPage({ title }: { title: string }) {
  return (
    <Page title={title}>
      <div role="status" class="visually-hidden">
        Loading…
      </div>
      <div class="panel skeleton skeleton-tall" aria-hidden="true" />
    </Page>
  );
}

interface FailedProps {
  title: string;
  failure: Failure;
  onRetry: () => void;
}

export function FailedPage({ title, failure, onRetry }: FailedProps) {
  return (
    <Page title={title} narrow>
      <FailureNote failure={failure} onRetry={onRetry} />
    </Page>
  );
}
