/** Names that a host gives to a service's instances and images; the same service always gets the same names. */
interface Key {
  platform: string;
  service: string;
}

/** A network name has room for 63 characters; this leaves some for the revision and the number. */
const longest = 46;

/** `shop-api-r2-1`: the container's name, by which a proxy finds the instance. */
export const instanceName = ({ revision, instance, ...key }: Key & { revision: number; instance: number }): string =>
  `${instancesBegin(key)}${revision}-${instance}`;

/** `shop-api-r2-job-expand`: the container's name of a job's run. */
export const jobInstanceName = ({ revision, job, ...key }: Key & { revision: number; job: string }): string =>
  `${instancesBegin(key)}${revision}-job-${job}`;

/** `shop-api-drill`: the container's name of the instance on which its shutdown is tested. */
export const drillInstanceName = (key: Key): string => `${instancesBegin(key).slice(0, -1)}drill`;

/** The common prefix of a service's instance names: `shop-api-r`. A long name is cut, and ends in a hash. */
export function instancesBegin({ platform, service }: Key): string {
  const whole = `${platform}-${service}`;
  return `${whole.length <= longest ? whole : `${whole.slice(0, longest - 9)}-${mark(whole)}`}-r`;
}

/** A service's part of image names. Image names allow fewer letters, so a hash replaces the lost ones. */
export function imageWord(service: string): string {
  if (/^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*$/.test(service)) return service;
  const words = service.toLowerCase().match(/[a-z0-9]+/g) ?? [];
  return [...words, mark(service)].join('-');
}

/** Eight hexadecimal digits: FNV-1a, 32 bits. */
function mark(text: string): string {
  let hash = 0x811c9dc5;
  for (const letter of text) hash = Math.imul(hash ^ letter.codePointAt(0)!, 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, '0');
}
