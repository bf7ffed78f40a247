import { Context } from '@temporalio/activity';
import type { ActivityInboundCallsInterceptor } from '@temporalio/worker';
import type { StepInput } from '../src/host';
import type { ServiceKey } from '../src/hosts/home';
import { counters } from '../src/model/counters';

/** Measures the time of each step by its kind, and if it was done. Each try counts. */
export const measuringInterceptor = (): ActivityInboundCallsInterceptor => ({
  async execute(input, next) {
    const given = input.args[0] as StepInput | undefined;
    if (given?.step === undefined) return await next(input);
    const began = Date.now();
    try {
      const result = await next(input);
      measureStep(given, 'done', began);
      return result;
    } catch (error) {
      measureStep(given, 'failed', began);
      throw error;
    }
  },
});

function measureStep({ platform, step: { kind, service } }: StepInput, state: 'done' | 'failed', began: number): void {
  const seconds = histogram('belay_step_duration_seconds', 'Duration of each try of a step');
  seconds.record(since(began), { platform, kind, service, state });
}

/** Records the requests in flight on a draining instance, as its proxy counts them. */
export function measureInFlight({ platform, service }: ServiceKey, requests: number): void {
  const gauge = meter().createGauge('belay_in_flight', 'int', '1', 'Requests in flight on draining instances');
  gauge.set(requests, { platform, service });
}

/** @param left requests that were still in flight at the deadline. */
export function measureDrain({ platform, service }: ServiceKey, { left, time }: { left: number; time: number }): void {
  const seconds = histogram('belay_drain_seconds', 'Duration of drains');
  seconds.record(time / 1000, { platform, service });
  meter()
    .createCounter(...counters.cuts)
    .add(left, { platform, service });
  measureInFlight({ platform, service }, 0);
}

/** @param time milliseconds from the creation of an image until its release. */
export function measureLeadTime({ platform, service }: ServiceKey, time: number): void {
  histogram('belay_lead_time_seconds', 'Time from the creation of an image to its release').record(time / 1000, {
    platform,
    service,
  });
}

/** Counts an instance that did not stop within its grace. */
export function measureForcedKill({ platform, service }: ServiceKey): void {
  meter()
    .createCounter(...counters.kills)
    .add(1, { platform, service });
}

const meter = () => Context.current().metricMeter;
const histogram = (name: string, about: string) => meter().createHistogram(name, 'float', 's', about);
const since = (began: number) => (Date.now() - began) / 1000;
