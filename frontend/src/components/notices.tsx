import { useObservable } from "../lib/use_observable";
import { announcer } from "../state/services";
import { Icon } from "./icons";

/** The polite live region, and short notices for those who see. */
export function Notices() {
  const spoken = useObservable(announcer.spoken);
  const notices = useObservable(announcer.notices);
  return (
    <>
      <div class="visually-hidden" role="status" aria-label="Announcements">
        {spoken}
      </div>
      <div class="notices" aria-hidden="true">
        {notices.map(({ id, text }) => (
          <div key={id} class="notice">
            <Icon name="check" />
            {text}
          </div>
        ))}
      </div>
    </>
  );
}
