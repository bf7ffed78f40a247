import { formatDuration } from '../../../spec/duration';
import { firstCheck, longFirstCheck, startIntervalApi } from '../../../spec/health-times';
import type { Spec } from '../../../spec/spec';
import { vacuousTest } from '../../../spec/vacuous';
import { healthTimes } from '../compose/healthcheck';
import type { ComposeProject } from '../compose/project';
import { hasNoTest, type ImageChecks, type WeakCheck } from '../compose/weak-checks';
import { isOlder } from '../resources';

/**
 * Returns one warning for all services whose HEALTHCHECK Docker asks so late that each release waits long for it; none
 * without any. Pure.
 */
export function slowChecks(
  project: ComposeProject,
  services: Spec['services'],
  { images, api }: { images: ImageChecks; api: string },
): WeakCheck[] {
  const engine = { hasStartInterval: !isOlder(api, startIntervalApi) };
  const slow = Object.entries(services).flatMap(([name, { health }]) => {
    const written = project.services[name];
    if (!written || !health.ready?.docker) return [];
    const { healthcheck = {} } = written;
    const own = hasNoTest(written) ? images[name] : undefined;
    const test = healthcheck.test ?? own?.test;
    const first = firstCheck({ ...own, ...healthTimes(healthcheck) }, engine);
    const isAsked = test?.[0]?.startsWith('CMD') && vacuousTest(test) === undefined && !healthcheck.disable;
    return isAsked && first > longFirstCheck ? [`${name} after ${formatDuration(first)}`] : [];
  });
  if (slow.length === 0) return [];
  const text = `Docker first asks the HEALTHCHECK of ${slow.join(', of ')}: each instance takes at least so long to be ready`;
  return [{ text: `${project.file}: ${text}`, todo: quicker }];
}

const quicker =
  'write http, tcp or grpc under health.ready, or start_period and start_interval (Docker Engine 25) under healthcheck';
