import { BelayError } from '../../errors';

/** The parts of an image reference. */
export interface ImageRef {
  /** Absent if the reference has none: an image of Docker Hub, or of this engine alone. */
  registry?: string;
  /** As written, registry included, without tag and digest: `registry.example.com/shop/api`. */
  repository: string;
  tag?: string;
  digest?: string;
}

const shape = /^(?<repository>[^@\s]+?)(?::(?<tag>[\w][\w.-]{0,127}))?(?:@(?<digest>sha256:[0-9a-f]{64}))?$/;

/** Splits `registry.example.com/shop/api:2.4.1@sha256:…`. Throws `image-unknown` for an invalid reference. */
export function parseImageRef(ref: string): ImageRef {
  const { repository, tag, digest } = shape.exec(ref)?.groups ?? {};
  if (!repository || repository !== repository.toLowerCase()) {
    throw new BelayError('image-unknown', `${ref} is not an image reference`, {
      hint: 'write name:tag or name@sha256:…, in lower case, such as registry.example.com/shop/api:2.4.1',
    });
  }
  return { registry: registryOf(repository), repository, tag, digest };
}

/** The full name of the repository, the same for all its spellings: `docker.io/library/redis` for `redis`. */
export function fullName(repository: string): string {
  const hub = registryOf(repository) === undefined ? `docker.io/${repository}` : repository;
  return hub.replace(/^(index\.)?docker\.io\/([^/]+)$/, 'docker.io/library/$2');
}

function registryOf(repository: string): string | undefined {
  const [first, ...rest] = repository.split('/');
  return rest.length > 0 && /[.:]|^localhost$/.test(first!) ? first : undefined;
}
