import { useEffect, useRef, useState } from "preact/hooks";

import { useObservable } from "../lib/use_observable";
import { live } from "../state/services";
import { Icon } from "./icons";

const backShownMs = 4000;

/** Says when the page can't know what happens, and when it can again. */
export function ConnectionBanner() {
  const phase = useObservable(live.phase);
  const away = phase === "lost" || phase === "offline";
  const wasAway = useRef(false);
  const [isBack, setBack] = useState(false);
  useEffect(() => {
    if (away) {
      wasAway.current = true;
      setBack(false);
      return;
    }
    if (phase !== "open" || !wasAway.current) return;
    wasAway.current = false;
    setBack(true);
    const timer = setTimeout(() => setBack(false), backShownMs);
    return () => clearTimeout(timer);
  }, [away, phase]);

  return (
    <div class="banner-place" role="status" aria-label="Connection">
      {away && (
        <div class="banner banner-away">
          <Icon name="offline" />
          <p>
            {phase === "offline" ? (
              <>
                <strong>You are offline.</strong> What you see may be out of date. It comes up to
                date by itself when the network is back.
              </>
            ) : (
              <>
                <strong>Offline: can’t reach Holdfast.</strong> What you see may be out of date.
                Reconnecting…
              </>
            )}
          </p>
          {phase === "lost" && (
            <button type="button" class="button button-banner" onClick={() => live.retryNow()}>
              Try now
            </button>
          )}
        </div>
      )}
      {isBack && !away && (
        <div class="banner banner-back">
          <Icon name="check" />
          <p>Back online.</p>
        </div>
      )}
    </div>
  );
}
