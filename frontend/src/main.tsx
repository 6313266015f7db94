import { render } from "preact";

import { App } from "./app";
import { followBrowser } from "./live/browser_events";
import { followSession, live, router, session } from "./state/services";

const root = document.getElementById("app");
if (root === null) throw new Error("the page has no #app");

router.follow();
followSession();
render(<App />, root);
followBrowser(live);

// Until the server says who is signed in, ask again whenever it can be reached.
void session.load();
live.phase.subscribe((phase) => {
  if (phase === "open") void session.load();
});
