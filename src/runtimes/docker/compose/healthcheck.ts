import type { HealthConfig } from 'dockerode';
import type { HealthTimes } from '../../../spec/health-times';
import { defined } from './defined';
import { goDuration } from './project';
import type { ComposeHealthcheck } from './service-parts';

/** An image's own HEALTHCHECK; no test for none. */
export interface ImageCheck extends HealthTimes {
  test: string[];
}

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

/** The times that a Compose file gives a HEALTHCHECK. */
export function healthTimes(check: ComposeHealthcheck): HealthTimes {
  const time = (text: string | undefined) => (text === undefined ? undefined : goDuration(text));
  return defined({
    interval: time(check.interval),
    timeout: time(check.timeout),
    startPeriod: time(check.start_period),
    startInterval: time(check.start_interval),
  });
}

/** The times of the engine's own health check. */
export const engineTimes = ({ Interval, Timeout, StartPeriod, StartInterval }: HealthConfig): HealthTimes =>
  defined({
    interval: milliseconds(Interval),
    timeout: milliseconds(Timeout),
    startPeriod: milliseconds(StartPeriod),
    startInterval: milliseconds(StartInterval),
  });

/** The engine has 0 for a time that is not given. */
const milliseconds = (nanoseconds?: number) => (nanoseconds ? nanoseconds / 1e6 : undefined);

const nanoseconds = (text: string | undefined) => (text === undefined ? undefined : Math.round(goDuration(text) * 1e6));
