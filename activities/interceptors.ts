import { Context } from '@temporalio/activity';
import type { ActivityInboundCallsInterceptor, ActivityOutboundCallsInterceptor } from '@temporalio/worker';
import type { StepInput } from '../src/host';
import type { Masker } from '../src/hosts/secrets';
import type { Step } from '../src/model/plan';
import { failureFrom } from './failure';

/** Masks every result and every error of an activity, so that no resolved value leaves the host. */
export const maskingInterceptor = (masker: Masker): ActivityInboundCallsInterceptor => ({
  async execute(input, next) {
    const { log } = Context.current();
    const began = Date.now();
    stepOf.set(Context.current(), (input.args[0] as StepInput | undefined)?.step);
    try {
      const result = maskFreeText(masker, await next(input));
      log.info('done', { seconds: (Date.now() - began) / 1000 });
      return result;
    } catch (error) {
      log.warn('not done', { error: masker.mask(error instanceof Error ? error.message : String(error)) });
      throw failureFrom(error, masker);
    }
  },
});

/** Texts for people are masked; the release depends on names, references and marks, so they stay as they are. */
function maskFreeText(masker: Masker, result: unknown): unknown {
  const { note, warnings, notices } = (result ?? {}) as { note?: string; warnings?: string[]; notices?: string[] };
  return {
    ...(result as object),
    ...(note && { note: masker.mask(note) }),
    ...(warnings && { warnings: warnings.map(masker.mask) }),
    ...(notices && { notices: notices.map(masker.mask) }),
  };
}

const stepOf = new WeakMap<Context, Step | undefined>();

/** Adds release, service, step and instances to every line that a step logs. */
export const loggingInterceptor = (): ActivityOutboundCallsInterceptor => ({
  getLogAttributes(input, next) {
    const context = Context.current();
    const step = stepOf.get(context);
    return next({
      ...input,
      release: context.info.workflowExecution?.workflowId,
      service: step?.service,
      step: step?.id,
      instance: step && (instancesOf(step).join(', ') || undefined),
    });
  },
});

/** Returns the names of the instances that a step is about. Pure. */
export function instancesOf(step: Step): string[] {
  if (step.kind === 'swap') return [step.enter, step.leave].flatMap((one) => one?.name ?? []);
  if ('instance' in step) return [step.instance.name];
  return 'instances' in step ? (step.instances ?? []).map(({ name }) => name) : [];
}
