import { type ActivityInboundCallsInterceptor, Context } from '@temporalio/activity';
import type { Masker } from '../src/hosts/secrets';
import { failureFrom } from './failure';

/** Rebuilds every result and every error of an activity, so that no resolved value leaves the host. */
export const maskingInterceptor = (masker: Masker): ActivityInboundCallsInterceptor => ({
  async execute(input, next) {
    try {
      return masker.maskValue(await next(input));
    } catch (error) {
      Context.current().log.debug('activity failed', { error: error instanceof Error ? masker.mask(error.stack ?? error.message) : '' });
      throw failureFrom(error, masker);
    }
  },
});
