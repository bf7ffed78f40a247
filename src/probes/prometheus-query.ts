import { credentialsOf, requestText } from './http';
import { lookupTo } from './network';

export interface PrometheusQuery {
  /** The address of the server. */
  url: URL;
  /** Address to connect to instead of the host's own. */
  address?: string;
  /** In PromQL. */
  query: string;
  /** Milliseconds. */
  timeout: number;
  signal?: AbortSignal;
}

/** The values of an instant query, without those that are no number; or why there are none. */
export type QueryAnswer = { values: number[] } | { why: string };

/** Asks a Prometheus server once, by its HTTP API. Throws only the signal's reason. */
export async function askPrometheus({ url, address, query, ...bounds }: PrometheusQuery): Promise<QueryAnswer> {
  const { protocol, hostname, port, pathname, search } = url;
  const secure = protocol === 'https:';
  let answer: QueryAnswer = { why: 'no answer' };
  const result = await requestText(
    {
      ...bounds,
      host: hostname.replace(/^\[|\]$/g, ''),
      port: Number(port || (secure ? 443 : 80)),
      path: `${pathname.replace(/\/$/, '')}/api/v1/query${search}`,
      secure,
      auth: credentialsOf(url),
      lookup: lookupTo(address),
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ query }).toString(),
      // It answers a query that it cannot evaluate with a reason.
      status: [200, 400, 422],
    },
    (text) => {
      answer = answerOf(text);
      return { healthy: true };
    },
  );
  return result.healthy ? answer : { why: result.why };
}

function answerOf(text: string): QueryAnswer {
  const { status, data, error } = parsed(text);
  if (status === 'error') return { why: `it says: ${String(error).slice(0, 200)}` };
  if (status !== 'success' || !data) return { why: 'answered something other than Prometheus does' };
  const { resultType, result } = data;
  if (resultType === 'scalar') return { values: numbers([result as Point]) };
  if (resultType === 'vector')
    return { values: numbers((result as Array<{ value: Point }>).map(({ value }) => value)) };
  return { why: `the query gives a ${String(resultType)} — write one that gives numbers` };
}

/** A time, and a value as text. */
type Point = [number, string];

const numbers = (points: Point[]): number[] =>
  points.map(([, text]) => Number(text.replace('Inf', 'Infinity'))).filter((value) => !Number.isNaN(value));

interface Answer {
  status?: unknown;
  data?: { resultType?: unknown; result?: unknown };
  error?: unknown;
}

function parsed(text: string): Answer {
  try {
    return (JSON.parse(text) ?? {}) as Answer;
  } catch {
    return {};
  }
}
