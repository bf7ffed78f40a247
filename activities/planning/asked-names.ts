import { BelayError } from '../../src/errors';
import type { ReleaseInput } from '../../src/model/requests';
import { reader } from '../../src/project/files';
import type { Project } from '../../src/project/project';
import { platformsIn } from '../../src/spec/environment';
import { namesHint } from '../../src/spec/sentences';

/** The request's belay.yaml may be another platform's. */
export function refuseOther({ platform }: ReleaseInput, project: Project): void {
  const names = platformsIn(reader(project)).filter(({ env }) => env === undefined || env === project.env);
  if (names.some((one) => one.platform === platform)) return;
  const sent = project.spec.platform;
  throw new BelayError('input-invalid', `files: the spec that was sent is of platform ${sent}, not ${platform}`, {
    hint: `release ${sent}, or send the files of ${platform}`,
  });
}

/** Throws `input-invalid` for each service that the request may not name: by default, that the spec does not have. */
export function refuseUnknown(
  input: Pick<ReleaseInput, 'versions' | 'instances' | 'services'>,
  { spec }: Project,
  known = Object.keys(spec.services),
): void {
  const named = {
    versions: Object.keys(input.versions),
    instances: Object.keys(input.instances),
    services: input.services ?? [],
  };
  const isUnknown = (name: string) => !known.includes(name);
  const problems = Object.entries(named).flatMap(([key, names]) =>
    names.filter(isUnknown).map((name) => `${key}: there is no service ${name}`),
  );
  if (problems.length === 0) return;
  const all = `the services of ${spec.platform} are ${known.join(', ')}`;
  throw new BelayError('input-invalid', problems.join('; '), {
    hint: namesHint(Object.values(named).flat().filter(isUnknown), known, all),
  });
}
