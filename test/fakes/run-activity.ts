import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';

const silent = new DefaultLogger('ERROR', () => undefined);

/** The first attempt of an activity, outside of any worker; what it logs goes nowhere. */
export const runActivity = <Input, Result>(
  activity: (input: Input) => Promise<Result>,
  input: Input,
): Promise<Result> => new MockActivityEnvironment({}, { logger: silent }).run(activity, input);
