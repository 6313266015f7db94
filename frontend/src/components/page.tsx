import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";

import { useObservable } from "../lib/use_observable";
import { router } from "../state/services";

/** The arrival whose heading has had the focus: a page takes it once, not with every new title. */
let arrivalFocused = 0;

interface Props {
  title: string;
  /** For the document's title, when the heading is longer or says less. */
  documentTitle?: string;
  eyebrow?: ComponentChildren;
  lead?: ComponentChildren;
  actions?: ComponentChildren;
  narrow?: boolean;
  children: ComponentChildren;
}

/** Every page: its heading, which takes the focus on arrival, and what stands below it. */
export function Page({ title, documentTitle, eyebrow, lead, actions, narrow, children }: Props) {
  const heading = useRef<HTMLHeadingElement>(null);
  const { arrival } = useObservable(router.place);
  useEffect(() => {
    document.title = `${documentTitle ?? title} · Holdfast`;
  }, [documentTitle, title]);
  useEffect(() => {
    // A loaded page's heading takes over from the one that stood there while it was loading.
    const wasLost = arrival > 0 && document.activeElement === document.body;
    if (arrival === arrivalFocused && !wasLost) return;
    arrivalFocused = arrival;
    heading.current?.focus({ preventScroll: true });
  }, [arrival]);
  return (
    <div class={narrow ? "page page-narrow" : "page"}>
      <div class="page-head">
        <div class="page-head-text">
          {eyebrow !== undefined && <p class="eyebrow">{eyebrow}</p>}
          <h1 ref={heading} tabIndex={-1}>
            {title}
          </h1>
          {lead !== undefined && <p class="lead">{lead}</p>}
        </div>
        {actions !== undefined && <div class="page-actions">{actions}</div>}
      </div>
      {children}
    </div>
  );
}
