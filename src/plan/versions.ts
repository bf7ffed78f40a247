import type { ServicePlan } from '../spec/plan';

/** The most that Temporal's stores keep of a keyword. */
const longest = 255;

/** What services go to, as one keyword by which people find a release: `api=2.5.0,web=latest`. Pure. */
export function versionsText(services: Array<Pick<ServicePlan, 'service' | 'to'>>): string {
  const text = services.map(({ service, to }) => `${service}=${versionOf(to.image.ref)}`).join(',');
  return text.length <= longest ? text : `${text.slice(0, longest - 1)}…`;
}

/** The tag; of a reference without one the beginning of its digest, as Docker shortens it, else `latest`. Pure. */
export function versionOf(ref: string): string {
  const tag = /^(?!sha256:)[^@]*:([^/@]+)(?=@|$)/.exec(ref)?.[1];
  return tag ?? /sha256:([0-9a-f]{12})/.exec(ref)?.[1] ?? 'latest';
}
