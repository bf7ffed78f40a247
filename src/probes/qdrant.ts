import { bounded } from './bounded';
import { checkHttp, type HttpCheck } from './http';
import type { AddressRequest, CheckKind } from './kind';
import { lookupTo } from './network';
import { type ProbeResult, unhealthy } from './probe-result';

export const qdrant: CheckKind = { atAddress: { protocols: ['http:', 'https:'], check: checkQdrant } };

/** Asks for readiness, and with a collection or a key for what they open. Throws only the signal's reason. */
export function checkQdrant({ url, host, address, collection, ...bounds }: AddressRequest): Promise<ProbeResult> {
  const secure = url.protocol === 'https:';
  const key = decodeURIComponent(url.password);
  const base = url.pathname.replace(/\/$/, '');
  const { timeout } = bounds;
  const ask = (path: string, signal: AbortSignal, headers?: HttpCheck['headers']): Promise<ProbeResult> => {
    const port = Number(url.port || 6333);
    const lookup = lookupTo(address);
    return checkHttp({ host, port, path: base + path, secure, lookup, headers, status: 200, timeout, signal });
  };
  return bounded(
    bounds,
    async (signal) => {
      const ready = await ask('/readyz', signal);
      if (!ready.healthy || (collection === undefined && key === '')) return ready;
      const path = collection === undefined ? '' : `/${encodeURIComponent(collection)}`;
      return inWords(await ask(`/collections${path}`, signal, key === '' ? {} : { 'api-key': key }));
    },
    () => 'it could not be asked',
  );
}

function inWords(result: ProbeResult): ProbeResult {
  if (result.healthy) return result;
  if (result.why.startsWith('Invalid character')) return unhealthy('its key has a character that no header takes');
  if (/^answered 40[13],/.test(result.why)) return unhealthy('it refuses the key, or wants one');
  return result.why.startsWith('answered 404,') ? unhealthy('it has no such collection') : result;
}
