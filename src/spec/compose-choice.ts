import { baseNames, type ComposeFolder, type FoundFiles, foundFiles } from './compose-files';
import { type ServicesIn, servicesIn } from './compose-services';
import { inFolder } from './file-name';
import type { Problem } from './problem';
import { dockerServices, type Spec } from './spec';

/** The surroundings of a spec: its folder, and the services of its Compose files. */
export interface SpecSurroundings {
  folder: Omit<ComposeFolder, 'envFiles'>;
  servicesIn: ServicesIn;
}

export const surroundings = (folder: SpecSurroundings['folder']): SpecSurroundings => ({
  folder,
  servicesIn: servicesIn(folder.read),
});

interface SpecWithFiles {
  spec: Spec;
  problems: Problem[];
}

/**
 * The spec with its Compose files. A list is taken literally, and so is a single file that Compose would not find
 * itself. A base file of Compose, or no file, means the files that `docker compose` reads in the folder.
 */
export function withFiles(spec: Spec, written: unknown, { folder, servicesIn }: SpecSurroundings): SpecWithFiles {
  if (Array.isArray(written)) return { spec, problems: [] };
  const found = foundFiles({ ...folder, envFiles: spec.env_files });
  if (!found) return { spec, problems: [] };
  const [named] = spec.compose?.map(inFolder) ?? [];
  if (named === undefined)
    return { spec: isComposed(spec, servicesIn(found.files)) ? taken(spec, found) : spec, problems: [] };
  if (inFolder(found.files[0]!) === named) return { spec: taken(spec, found), problems: [] };
  return {
    spec,
    problems: baseNames.includes(named) && folder.read(named) !== undefined ? [another(named, found)] : [],
  };
}

/** False if all services of Docker have images of their own, and no Compose file names one. Such a spec stands alone. */
const isComposed = (spec: Spec, composed: string[] | undefined): boolean =>
  Object.entries(dockerServices(spec)).some(([name, { image }]) => !image || composed?.includes(name));

const taken = (spec: Spec, { files, envFiles }: FoundFiles): Spec => ({
  ...spec,
  compose: files,
  ...(envFiles && { env_files: envFiles }),
});

function another(named: string, { files, by }: FoundFiles): Problem {
  const why = by ? ` (COMPOSE_FILE in ${by})` : '';
  return {
    path: ['compose'],
    message: `docker compose reads ${files.join(', ')} here${why}, and not ${named}`,
    hint: `write compose: [${files.join(', ')}] for the same, or compose: [${named}] for that file alone`,
  };
}
