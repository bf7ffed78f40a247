import { type ProbeResult, unhealthy } from './probe-result';

/** Healthy if the first value of a query's first row is neither false, zero nor empty. Shows no value. Pure. */
export const judgeAnswer = ([value]: unknown[]): ProbeResult =>
  holds(value) ? { healthy: true } : unhealthy('its query answers nothing, false or zero');

/** Long and decimal numbers come as text. */
function holds(value: unknown): boolean {
  if (typeof value !== 'string') return Buffer.isBuffer(value) ? value.some((byte) => byte !== 0) : Boolean(value);
  const text = value.trim();
  return !['', 'false', 'f', 'off', 'no'].includes(text.toLowerCase()) && Number(text) !== 0;
}
