/** Paths that services usually answer when they are ready, the most telling first. */
const usual = ['/ready', '/readyz', '/health/ready', '/health', '/healthz'];
const elsewhere = '/belay-init-asks-for-nothing';
const within = 1000;

/** Returns the first usual path that answers 200; undefined if none does, or if every path does. */
export async function answeringPath(address: string, port: number): Promise<string | undefined> {
  const base = `http://${hostOf(address)}:${port}`;
  if ((await statusOf(`${base}${elsewhere}`)) !== 404) return undefined;
  for (const path of usual) if ((await statusOf(`${base}${path}`)) === 200) return path;
  return undefined;
}

function hostOf(address: string): string {
  if (['*', '0.0.0.0', '::'].includes(address)) return '127.0.0.1';
  return address.includes(':') ? `[${address}]` : address;
}

async function statusOf(url: string): Promise<number | undefined> {
  try {
    const answer = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(within) });
    await answer.body?.cancel();
    return answer.status;
  } catch {
    return undefined;
  }
}
