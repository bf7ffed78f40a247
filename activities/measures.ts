import { Context } from '@temporalio/activity';
import type { ActivityInboundCallsInterceptor } from '@temporalio/worker';
import type { Step } from '../src/spec/plan';
import type { StepInput } from './deps';

/** How long each step took by its kind, and whether it was done. Each try counts. */
export const measuringInterceptor = (): ActivityInboundCallsInterceptor => ({
  async execute(input, next) {
    const step = (input.args[0] as StepInput | undefined)?.step;
    if (step === undefined) return await next(input);
    const began = Date.now();
    try {
      const result = await next(input);
      measureStep(step, 'done', began);
      return result;
    } catch (error) {
      measureStep(step, 'failed', began);
      throw error;
    }
  },
});

function measureStep({ kind, service }: Step, state: 'done' | 'failed', began: number): void {
  const seconds = histogram('belay_step_duration_seconds', 'How long a try of a step took');
  seconds.record(since(began), { kind, service, state });
}

/** Requests in flight on an instance that drains, as its proxy counts them. */
export function measureInFlight(step: Step, requests: number): void {
  const gauge = meter().createGauge('belay_in_flight', 'int', '1', 'Requests in flight on instances that drain');
  gauge.set(requests, { service: step.service });
}

/** @param left requests that were still in flight at the deadline. */
export function measureDrain(step: Step, { left, time }: { left: number; time: number }): void {
  const seconds = histogram('belay_drain_seconds', 'How long a drain took');
  seconds.record(time / 1000, { service: step.service });
  const counter = meter().createCounter(
    'belay_drain_cut_total',
    '1',
    'Requests still in flight at the deadline of a drain',
  );
  counter.add(left, { service: step.service });
}

/** @param time milliseconds from the making of an image until it was released. */
export function measureLeadTime(service: string, time: number): void {
  histogram('belay_lead_time_seconds', 'From the making of an image to its release').record(time / 1000, { service });
}

/** An instance did not end within its grace. */
export function measureForcedKill({ service }: Step): void {
  const counter = meter().createCounter('belay_forced_kill_total', '1', 'Instances killed after their grace');
  counter.add(1, { service });
}

const meter = () => Context.current().metricMeter;
const histogram = (name: string, about: string) => meter().createHistogram(name, 'float', 's', about);
const since = (began: number) => (Date.now() - began) / 1000;
