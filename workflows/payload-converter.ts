import { defaultPayloadConverter, type PayloadConverter } from '@temporalio/workflow';

const noJson = 'data that are no JSON';

/**
 * Reads inputs as Temporal does, except that invalid JSON and bytes become a text. Invalid JSON would stop the workflow
 * for ever, and so would the keys of a byte array. The checks of each message refuse the text.
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
