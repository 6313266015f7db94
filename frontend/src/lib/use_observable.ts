import { useEffect, useState } from "preact/hooks";

import type { Observable } from "./observable";

/** The observable's present value; the component is drawn again when it changes. */
export function useObservable<T>(source: Observable<T>): T {
  const [, redraw] = useState(0);
  useEffect(() => {
    // It may have changed between the drawing and this effect.
    redraw((count) => count + 1);
    return source.subscribe(() => redraw((count) => count + 1));
  }, [source]);
  return source.value;
}
