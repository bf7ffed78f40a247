import { heartbeat } from '@temporalio/activity';

/** Tells Temporal, while the body runs, that its worker is alive. */
export async function withHeartbeat<T>(body: () => Promise<T>): Promise<T> {
  const timer = setInterval(() => heartbeat(), 400);
  try {
    return await body();
  } finally {
    clearInterval(timer);
  }
}
