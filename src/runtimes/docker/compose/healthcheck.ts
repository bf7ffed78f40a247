import type { HealthConfig } from 'dockerode';
import { defined } from './defined';
import { goDuration } from './project';
import type { ComposeHealthcheck } from './service-parts';

/** The engine's health check. Without a test, the image's test runs at these times. */
export function healthcheck(check: ComposeHealthcheck | undefined): HealthConfig | undefined {
  if (!check) return undefined;
  return defined({
    Test: check.disable ? ['NONE'] : check.test,
    Interval: nanoseconds(check.interval),
    Timeout: nanoseconds(check.timeout),
    StartPeriod: nanoseconds(check.start_period),
    StartInterval: nanoseconds(check.start_interval),
    Retries: check.retries,
  });
}

const nanoseconds = (text: string | undefined) => (text === undefined ? undefined : Math.round(goDuration(text) * 1e6));
