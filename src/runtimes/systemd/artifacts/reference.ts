import { BelayError } from '../../../errors';
import { isTarAt } from '../../../spec/runtimes/systemd';
import type { SystemdService } from '../../../spec/spec';

/** A kind of source. `none`: a release changes settings alone. */
export type Form = 'file' | 'folder' | 'archive' | 'http' | 'none';

/** A source of files, as the spec names it. */
export interface FileSource {
  form: Form;
  /** An absolute path, an address, or the unit's name. */
  place: string;
  /** The SHA-256 that it must have. */
  sha256?: string;
}

/** The source in one line: `file /srv/shop/worker`, with `@sha256:…` where its checksum is given. Pure. */
export const referenceOf = ({ form, place, sha256 }: FileSource): string =>
  `${form} ${place}${sha256 === undefined ? '' : `@sha256:${sha256}`}`;

/** Pure. */
export function parseReference(ref: string): FileSource {
  const [, form, place, sha256] = /^(file|folder|archive|http|none) (.*?)(?:@sha256:([0-9a-f]{64}))?$/s.exec(ref) ?? [];
  if (form && place) return { form: form as Form, place, ...(sha256 !== undefined && { sha256 }) };
  throw new BelayError('image-unknown', `${ref} names no file`, {
    hint: 'write the path of a file, a folder or an archive',
  });
}

type Written = NonNullable<SystemdService['artifact']>;

/** The source of an artifact in the spec. Pure. */
export function sourceOf(written: Written, resolve: (path: string) => string): FileSource {
  const { file, folder, archive, http, sha256 } = written;
  if (http !== undefined) return { form: 'http', place: http, sha256 };
  if (archive !== undefined) return { form: 'archive', place: resolve(archive), sha256 };
  return folder === undefined
    ? { form: 'file', place: resolve(file!), sha256 }
    : { form: 'folder', place: resolve(folder) };
}

/** True for what is unpacked. Pure. */
export const isArchive = ({ form, place }: FileSource): boolean =>
  form === 'archive' || (form === 'http' && isTarAt(place));

/** True for one executable. Pure. */
export const isSingle = (source: FileSource): boolean =>
  source.form === 'file' || (source.form === 'http' && !isArchive(source));

const mark = '{version}';

/**
 * The source with the version in place of `{version}`. The version may end in `@sha256:…`, which replaces the checksum.
 * Throws `input-invalid` for a source without that mark. Pure.
 */
export function withVersion(ref: string, version?: string): string {
  if (version === undefined) return ref;
  const source = parseReference(ref);
  if (!source.place.includes(mark))
    throw new BelayError('input-invalid', `${source.place} has no version in its name`, {
      hint: `write ${mark} into it, such as worker-${mark}.tar.gz, or put the new file there and leave --version out`,
    });
  const [, name, sha256] = /^(.*?)(?:@sha256:([0-9a-f]{64}))?$/s.exec(version)!;
  if (source.form === 'http' && sha256 === undefined)
    throw new BelayError('input-invalid', `${version}: the checksum in belay.yaml is that of another version`, {
      hint: `write it after the version: ${version}@sha256:…`,
    });
  if (/[/\s]/.test(name!)) throw new BelayError('input-invalid', `${version} is no version`, { hint: 'such as 1.4.0' });
  return referenceOf({ ...source, place: source.place.replaceAll(mark, name!), sha256 });
}
