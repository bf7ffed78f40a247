import type { Info } from '@temporalio/activity';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';

const silent = new DefaultLogger('ERROR', () => undefined);

/**
 * The first attempt of an activity, outside of any worker; what it logs goes nowhere. `info` tells whose it is, and
 * `onBeat` is told of each heartbeat.
 */
export function runActivity<Input, Result>(
  activity: (input: Input) => Promise<Result>,
  input: Input,
  info: Partial<Info> = {},
  onBeat: (beat: { note?: string }) => void = () => undefined,
): Promise<Result> {
  const environment = new MockActivityEnvironment(info, { logger: silent });
  environment.on('heartbeat', onBeat);
  return environment.run(activity, input);
}
