import { heartbeat } from '@temporalio/activity';

/** Sends heartbeats to Temporal while the body runs. */
export async function withHeartbeat<T>(body: () => Promise<T>): Promise<T> {
  const timer = setInterval(() => heartbeat(), 400);
  try {
    return await body();
  } finally {
    clearInterval(timer);
  }
}
