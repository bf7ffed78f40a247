import type { ArtifactStore, PinRequest, Runtime } from '../runtimes/runtime';

type Answer = ReturnType<ArtifactStore['pin']>;

/** Pins each reference once for a release: services with the same artifact get the same digest even if its tag moves. */
export function pinningOnce(): (runtime: Runtime, request: PinRequest) => Answer {
  const asked = new Map<string, Answer>();
  return ({ kind, artifacts }, request) => {
    const key = [kind, request.ref, request.platform].join(' ');
    const answer = asked.get(key) ?? artifacts.pin(request);
    asked.set(key, answer);
    return answer;
  };
}
