import { workerConfig } from '../../src/worker/config';

describe("the worker's configuration", () => {
  it('takes the name of the host from BELAY_HOST', () => {
    expect(workerConfig({ BELAY_HOST: 'web-1' }).host).toBe('web-1');
  });

  it('names the variable that is wrong', () => {
    expect(() => workerConfig({ BELAY_HOST: 'Web 1' })).toThrow(
      "the worker's environment is invalid: BELAY_HOST takes lower-case letters, digits and hyphens",
    );
  });
});
