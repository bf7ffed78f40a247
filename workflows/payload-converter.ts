import { defaultPayloadConverter, type PayloadConverter } from '@temporalio/workflow';

/**
 * Reads what people send as Temporal does, but for data that are no JSON: those would stop the workflow for ever, and are
 * read as a text, which is refused where it is looked at.
 */
export const payloadConverter: PayloadConverter = {
  toPayload: (value, context) => defaultPayloadConverter.toPayload(value, context),
  fromPayload: <T>(...[payload, context]: Parameters<PayloadConverter['fromPayload']>): T => {
    try {
      return defaultPayloadConverter.fromPayload<T>(payload, context);
    } catch {
      return 'data that are no JSON' as T;
    }
  },
};
