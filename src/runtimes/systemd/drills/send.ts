/** Sends the signal to a process, which may have ended meanwhile. */
export function send(pid: number, signal: number | NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended.
  }
}
