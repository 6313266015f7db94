// What must be gone when this process ends, however it ends: processes, networks, directories.
// Everything here is synchronous, because nothing else runs while a process exits.

const leftovers = new Map();
let last = 0;

/** `undo` runs when the process ends, unless `done()` was called before. */
export function atEnd(undo) {
  if (last === 0) watchForTheEnd();
  const key = ++last;
  leftovers.set(key, undo);
  return {
    done() {
      leftovers.delete(key);
    },
  };
}

function cleanUp() {
  // What was made last goes first: processes before the networks and directories they use.
  for (const [key, undo] of [...leftovers].reverse()) {
    leftovers.delete(key);
    try {
      undo();
    } catch (error) {
      process.stderr.write(`not cleaned up: ${error.message}\n`);
    }
  }
}

function watchForTheEnd() {
  process.on("exit", cleanUp);
  for (const [signal, code] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ])
    process.once(signal, () => process.exit(code));
  // Whoever started us may be killed without being able to tell.
  const parent = process.ppid;
  setInterval(() => process.ppid !== parent && process.exit(1), 1_000).unref();
}

/** Ends a process by its id; one that is gone already is no error. */
export function endProcess(pid, signal = "SIGKILL") {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (error.code !== "ESRCH") throw error;
  }
}
