import type { Info } from '@temporalio/activity';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';

const silent = new DefaultLogger('ERROR', () => undefined);

/** The first attempt of an activity, outside of any worker; what it logs goes nowhere. `info` tells whose it is. */
export const runActivity = <Input, Result>(
  activity: (input: Input) => Promise<Result>,
  input: Input,
  info: Partial<Info> = {},
): Promise<Result> => new MockActivityEnvironment(info, { logger: silent }).run(activity, input);
