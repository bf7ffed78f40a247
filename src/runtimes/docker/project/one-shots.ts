import { BelayError } from '../../../errors';
import type { DesiredService } from '../../../model/desired';
import type { ComposeOrigin } from '../../runtime';
import { composeImage } from '../compose/facts';
import type { ComposeProject } from '../compose/project';
import type { Engine } from '../engine';
import { imageWithVersion } from './image-version';
import { pinImage } from './pin-image';

interface World {
  engine: Pick<Engine, 'observe' | 'pin' | 'has' | 'underName' | 'pinned'>;
}

interface OneShotRequest {
  platform: string;
  compose: ComposeProject;
  input: { versions: Record<string, string>; set: Record<string, string> };
}

/**
 * Refuses dependencies and one-shots whose last run used another image or configuration than asked for now. Throws
 * `preflight-failed` with the command to run. The preflight step reports those that failed.
 */
export async function refuseFormerEnds(
  deps: World,
  request: OneShotRequest,
  services: DesiredService[],
): Promise<void> {
  const waits = services.flatMap((one) =>
    (one.requires ?? [])
      .filter(({ condition, optional }) => condition === 'completed' && !optional)
      .map(({ service }) => ({ one, service })),
  );
  const problems = await Promise.all(waits.map((wait) => problemOf(deps, request, wait)));
  const [first, ...more] = problems.filter((problem) => problem !== undefined);
  if (!first) return;
  const message = [first, ...more].map((problem) => problem.message).join('; ');
  throw new BelayError('preflight-failed', message, { hint: first.hint });
}

async function problemOf(
  deps: World,
  request: OneShotRequest,
  { one, service }: { one: DesiredService; service: string },
) {
  const { platform, compose, input } = request;
  const seen = await deps.engine.observe({ platform, service, project: compose.name });
  const ended = seen.flatMap(({ exitCode, origin }) => (exitCode === 0 && origin ? [origin] : []));
  if (ended.length === 0) return undefined;
  const ref = refOf(request, one, service);
  const whys = await Promise.all(
    ended.map((origin) => otherwise(deps, { ref, hash: compose.hashes[service] }, origin)),
  );
  if (whys.some((why) => why === undefined)) return undefined;
  const isGiven = ref !== composeImage(compose, service);
  const set = Object.entries(input.set).map(([name, value]) => `${name}=${value} `);
  const first = isGiven ? 'write the version into the Compose file or its .env; then: ' : '';
  return {
    message: `${service}, which ${one.service} waits for, last ran ${whys[0]}`,
    hint: `${first}${set.join('')}docker compose up ${service}`,
  };
}

/** Returns the image as Compose would run it, with the version given to a service of the very same image. */
function refOf({ compose, input }: OneShotRequest, { service, written }: DesiredService, required: string): string {
  const own = composeImage(compose, required);
  return written === own ? imageWithVersion(own, input.versions[service]) : own;
}

/** Returns the difference to the request; undefined if there is none. */
async function otherwise(
  { engine }: World,
  { ref, hash }: { ref: string; hash?: string },
  origin: ComposeOrigin,
): Promise<string | undefined> {
  if (hash !== undefined && origin.hash !== hash) return 'with another configuration than the present one';
  const now = await pinImage({ engine }, { ref }).catch((error: unknown) => {
    if (error instanceof BelayError && error.code === 'registry-unreachable') return undefined;
    throw error;
  });
  if (!now) return undefined;
  const then = await engine.pinned(origin.image).catch(() => undefined);
  const isSame = [origin.image, then?.digest].includes(now.image.digest);
  return isSame ? undefined : `with another image than ${ref} is now`;
}
