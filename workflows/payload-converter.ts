import { defaultPayloadConverter, type PayloadConverter } from '@temporalio/workflow';

const noJson = 'data that are no JSON';

/**
 * Reads what people send as Temporal does, but for data that are no JSON: those would stop the workflow for ever, bytes
 * since each is a key. They are read as a text, which is refused where it is looked at.
 */
export const payloadConverter: PayloadConverter = {
  toPayload: (value, context) => defaultPayloadConverter.toPayload(value, context),
  fromPayload: <T>(...[payload, context]: Parameters<PayloadConverter['fromPayload']>): T => {
    try {
      const value = defaultPayloadConverter.fromPayload<T>(payload, context);
      return ArrayBuffer.isView(value) ? (noJson as T) : value;
    } catch {
      return noJson as T;
    }
  },
};
