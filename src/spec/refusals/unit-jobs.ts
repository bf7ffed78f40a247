import type { Path, Problem } from '../problem';
import { isTarAt } from '../runtimes/systemd';
import type { SystemdService } from '../spec';
import type { ServiceContext } from '.';

/** Commands of jobs that a unit cannot run. */
export function unitJobRefusals({ service, path }: ServiceContext<SystemdService>): Problem[] {
  return service.jobs.flatMap((one, index) =>
    (['command', 'pending', 'undo'] as const).flatMap((key) => {
      const [program] = one[key] ?? [];
      return program === undefined ? [] : unknownProgram(service, program, [...path, 'jobs', index, key, 0]);
    }),
  );
}

/** A program is named by its path: systemd looks for a bare name in folders of its own, and not in PATH of the unit. */
function unknownProgram({ artifact }: SystemdService, program: string, at: Path): Problem[] {
  if (program.startsWith('/')) return [];
  if (!program.includes('/')) {
    const folder = artifact && isFolder(artifact) ? `, or ./${program} in artifact.install` : '';
    const hint = `write its path, such as /usr/bin/${program || 'node'}${folder}`;
    return [{ path: at, message: 'names a program without its folder', hint }];
  }
  if (artifact && isFolder(artifact)) return [];
  const message = `is a path in artifact.install, and ${artifact ? 'that is one file' : 'the service has no artifact'}`;
  return [
    { path: at, message, hint: `write a path that begins with /${artifact ? `, such as ${artifact.install}` : ''}` },
  ];
}

const isFolder = ({ folder, archive, http }: NonNullable<SystemdService['artifact']>): boolean =>
  folder !== undefined || archive !== undefined || (http !== undefined && isTarAt(http));
